"""The laws of a room over the rules alone."""

from tests.stateful.core import load
from tests.stateful.profiles import machine_settings
from tests.stateful.pure import pure_machine

TestRules = pure_machine(load()).TestCase
TestRules.settings = machine_settings()
