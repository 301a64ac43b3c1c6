"""Names and notes in every script, and such as turn what stands around them: what a browser shows of them."""

from tests.browser.people import Person, Stagehand
from tests.isolation import KEEPERS, MARK, SHOWN

# every text and every label in the page with the mark in it that nothing keeps to itself
LOOSE = """([mark, keepers, labels]) => {
  const alone = (text) => text.replace(/\\u2068[^\\u2068\\u2069]*\\u2069/g, "");
  const found = [];
  let seen = 0;
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walk.currentNode; node; node = walk.nextNode()) {
    if (node instanceof Text) {
      if (!node.data.includes(mark)) continue;
      seen += 1;
      const kept = node.parentElement.closest([...keepers, "[dir]"].join());
      if (!kept && alone(node.data).includes(mark)) found.push(`${node.parentElement.tagName}: ${node.data}`);
    } else {
      for (const name of labels) {
        const text = node.getAttribute?.(name) ?? "";
        if (text.includes(mark)) seen += 1;
        if (alone(text).includes(mark)) found.push(`${name} of ${node.tagName}: ${text}`);
      }
    }
  }
  return [seen, found];
}"""


def nothing_is_loose(person: Person, where: str) -> None:
    seen, found = person.page.evaluate(LOOSE, [MARK, sorted(KEEPERS), list(SHOWN)])
    assert not found, (where, found)
    assert seen, f"{where} shows none, so proves nothing"


def test_no_text_of_strangers_turns_what_stands_around_it_on_any_page(house: Stagehand) -> None:
    host, slug = house.host(f"Hannah{MARK}")
    host.click("settings")
    host.at("set-title").fill(f"{MARK} title")
    host.at("set-title").press("Tab")
    host.click("metadata")
    host.page.locator("input[name=key]").fill(f"{MARK} key")
    host.page.locator("input[name=value]").fill(f"{MARK} value")
    host.click("set-metadata")
    host.sees("metadata-row")
    nothing_is_loose(host, "the settings")
    host.page.keyboard.press("Escape")
    guest, _ = house.on_air(host, slug, f"Guest {MARK}", "audio")
    asking = house.applicant(slug, f"Asking {MARK}", "audio", f"{MARK} note")
    nothing_is_loose(asking, "who waits")
    viewer = house.viewer(slug, "Viewer")
    nothing_is_loose(viewer, "who watches")
    nothing_is_loose(guest, "who is on air")
    nothing_is_loose(host, "the studio")
    for action in ("move", "limit", "to-queue", "bar", "ban"):
        host.chooses(guest.name, action)
        host.page.locator("dialog").wait_for()
        nothing_is_loose(host, f"the dialog {action}")
        host.page.keyboard.press("Escape")
    host.row(guest.name).get_by_test_id("take-off").click()
    nothing_is_loose(host, "the dialog to take somebody off")
    host.at("take-off-note").fill(f"{MARK} reason")
    host.click("confirm-take-off")
    guest.sees("message", MARK)
    nothing_is_loose(guest, "who was taken off")
    host.row(asking.name, "queue-row").get_by_test_id("reject").click()
    nothing_is_loose(host, "the dialog to turn somebody down")
    host.at("reject-note").fill(f"{MARK} why")
    host.click("confirm-reject")
    asking.sees("message", MARK)
    nothing_is_loose(asking, "who was turned down")
    assert "\u2068" in host.page.title()


def test_people_of_every_script_keep_their_names_and_families(house: Stagehand) -> None:
    host, slug = house.host()
    names = ["می\u200cخواهم", "שרה כהן", "محمد علي", "👨\u200d👩\u200d👧\u200d👦 Lee", "র\u200d্যাব", "葛\U000e0100城"]
    for name in names:
        guest, seat = house.on_air(host, slug, name, "audio")
        assert guest.sees(f"seat-{seat}").locator(".tile-name").inner_text() == name
        guest.page.close()  # seven windows with pictures at once are too much for a small machine


def test_who_takes_the_hosts_name_is_told_and_who_comes_by_it_is_marked(house: Stagehand) -> None:
    host, slug = house.host()
    guest = house.viewer(slug, "Guest")
    guest.click("join")
    guest.at("name").fill(host.name.replace("a", "а"))  # Cyrillic
    guest.click("save-name")
    assert "looks like the name of the host" in guest.sees("error").inner_text()
    guest.errors.clear()  # the browser's own line about the answer 400
    guest.at("name").fill("Guest")
    guest.click("save-name")
    other, other_slug = house.host()
    asking = house.applicant(other_slug, host.name, "audio")  # a good name there
    asking.page.goto(f"{house.server.url}/live/{slug}/")
    asking.click("join")
    house.check_devices(asking, "audio")
    asking.click("ask")
    row = host.row(asking.name, "queue-row")
    row.get_by_test_id("lookalike").wait_for()
    row.get_by_test_id("accept").click()
    for person in (host, guest):
        person.sees("seat-1").get_by_test_id("lookalike").wait_for()
        assert person.sees("seat-0").get_by_test_id("lookalike").count() == 0
