"""What people type into the pages."""

from contextlib import suppress

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction

from micconnect.names import BadName, clean_name
from micconnect.protocol.words import GUESTS_MAX, TIMEOUT_MAX_S, TIMEOUT_MIN_S, TITLE_MAX
from micconnect.text import clean_line


class RoomForm(forms.Form):
    """A new room."""

    title = forms.CharField(max_length=TITLE_MAX, label="Title")
    seat_count = forms.IntegerField(min_value=1, max_value=GUESTS_MAX, initial=GUESTS_MAX, required=False)
    request_timeout_s = forms.IntegerField(min_value=0, max_value=TIMEOUT_MAX_S, initial=60, required=False)

    def clean_title(self) -> str:
        """The same that `updateRoom` asks of a title."""
        title = clean_line(self.cleaned_data["title"])
        if not title:
            raise forms.ValidationError("A title needs at least one visible character.")
        if len(title) > TITLE_MAX:  # normal forms take some letters apart
            raise forms.ValidationError(f"A title may have at most {TITLE_MAX} characters.")
        return title

    def clean_request_timeout_s(self) -> int:
        seconds: int | None = self.cleaned_data["request_timeout_s"]
        if seconds is None:
            return 60
        if 0 < seconds < TIMEOUT_MIN_S:
            raise forms.ValidationError(f"0 never times out; otherwise at least {TIMEOUT_MIN_S} seconds.")
        return seconds

    def clean_seat_count(self) -> int:
        return self.cleaned_data["seat_count"] or GUESTS_MAX


class SignUpForm(UserCreationForm):  # type: ignore[type-arg]
    """A new host's account."""

    class Meta:
        model = User
        fields = ("username",)

    def clean_username(self) -> str:
        """The name that viewers will see is held to the same rule as guests' names, and compared as it will be."""
        try:
            self.cleaned_data["username"] = clean_name(self.cleaned_data["username"])
        except BadName as error:
            raise forms.ValidationError(str(error)) from None
        username: str | None = super().clean_username()
        return username or ""  # taken: the form has its error already

    def save_new(self) -> User | None:
        """The new account; None, and an error beside the name, when somebody else took it a moment ago.

        What `clean_username` asked is asked again while nobody else can sign up: the database itself holds only names
        of the very same letters for one, not those of small and capital ones.
        """
        account: User = self.save(commit=False)  # here the password is hashed, which takes its time
        alike = User.objects.filter(username__iexact=account.username)
        kind = ContentType.objects.get_for_model(User)
        with suppress(IntegrityError), transaction.atomic():  # an operator makes accounts another way
            ContentType.objects.select_for_update(no_key=True).get(pk=kind.pk)
            if not alike.exists():
                account.save()
                return account
        self.add_error("username", account.unique_error_message(User, ("username",)))
        return None
