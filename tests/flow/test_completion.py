#!/usr/bin/python3
"""What a bash offers when Tab is pressed behind chaoxun: commands, options, settings, values, files."""
import os
import pathlib
import subprocess
import tempfile
import unittest

import harness

# As readline parts the words: "=" is a word of its own.
ASK = r"""
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
function=$(complete -p chaoxun | sed 's/.*-F \([^ ]*\) .*/\1/')
$function
printf '%s\n' "${COMPREPLY[@]}"
"""


class Completion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = subprocess.run([harness.COMMAND, "completion", "bash"], capture_output=True, check=True, text=True)
        cls.folder = tempfile.TemporaryDirectory(prefix="cx-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.script = pathlib.Path(cls.folder.name) / "chaoxun"
        cls.script.write_text(made.stdout)

    def offers(self, *words, folder=None):
        """What is offered for the last of the words behind chaoxun."""
        asked = subprocess.run(["bash", "--norc", "-c", ASK, "bash", self.script, "chaoxun", *words], text=True, check=False,
                               capture_output=True, cwd=folder, env=os.environ | {"LC_ALL": "C.UTF-8"})
        self.assertEqual((asked.returncode, asked.stderr), (0, ""))
        return [line for line in asked.stdout.split("\n") if line]

    def test_commands(self):
        self.assertEqual(self.offers("su"), ["submit"])
        self.assertEqual(self.offers("not"), ["notice"])
        words = self.offers("")
        self.assertEqual(len(words), len(set(words)), "each once")
        for word in ("up", "notice", "report", "unit", "help", "--version"):
            self.assertIn(word, words)
        self.assertEqual(set(self.offers("notice", "")), {"send", "preview", "list", "status", "read", "confirm",
                                                          "answer", "recall", "resend"})
        self.assertEqual(self.offers("notice", "se"), ["send"])
        self.assertEqual(self.offers("help", "notice", "se"), ["send"])
        self.assertEqual(self.offers("help", "sett"), ["settings"])
        self.assertIn("disk", self.offers("bench", "di"), "bench is a command and a group")

    def test_every_command_of_the_help_is_offered(self):
        overview = subprocess.run([harness.COMMAND, "help"], capture_output=True, check=True, text=True).stdout
        lines = overview.split("Commands:\n")[1].split("\n\n")[0].splitlines()
        names = [line[2:].split("  ")[0].strip() for line in lines]
        self.assertGreater(len(names), 25)
        for name in names:
            *before, last = name.removesuffix(" [COMMAND]").split()
            with self.subTest(name):
                self.assertIn(last, self.offers(*before, last))

    def test_options_and_settings(self):
        options = self.offers("notice", "send", "--")
        for option in ("--unit", "--dry-run", "--wait", "--lang", "--data", "--sms-url", "--endpoint.outbox"):
            self.assertIn(option, options)
        self.assertEqual(self.offers("notice", "send", "--dr"), ["--dry-run", "--drain-ms"])
        self.assertIn("--in-flight", self.offers("bench", "--in"))
        self.assertNotIn("--dry-run", self.offers("notice", "list", "--"))
        self.assertEqual(self.offers("up", "--verb"), ["--verbose"])

    def test_values(self):
        self.assertEqual(self.offers("totals", "--programme", "w"), ["waste-sorting"])
        self.assertEqual(self.offers("totals", "--lang", "=", "z"), ["zh"])
        self.assertEqual(self.offers("totals", "--lang", "="), ["zh", "en"])
        self.assertEqual(self.offers("user", "add", "x", "--role", "of"), ["office"])
        self.assertEqual(self.offers("up", "--log-level", "d"), ["debug"])
        self.assertEqual(self.offers("notice", "send", "--title", ""), [], "nothing is offered where anything goes")
        self.assertEqual(self.offers("notice", "send", "--unit", "h"), [])
        self.assertEqual(self.offers("completion", ""), ["bash"])

    def test_files(self):
        with tempfile.TemporaryDirectory(prefix="cx-") as folder:
            pathlib.Path(folder, "reports 2026.csv").touch()
            pathlib.Path(folder, "relics").mkdir()
            self.assertEqual(set(self.offers("import", "re", folder=folder)), {"reports 2026.csv", "relics"})
            self.assertEqual(self.offers("import", "--data", "re", folder=folder), ["relics"])
            self.assertEqual(self.offers("submit", "--key", "rep", folder=folder), ["reports 2026.csv"])
            self.assertEqual(self.offers("unit", "set", "re", folder=folder), [])

    def test_wrong_words(self):
        refused = subprocess.run([harness.COMMAND, "completion", "fish"], capture_output=True, check=False, text=True)
        self.assertEqual(refused.returncode, 2)
        self.assertEqual(self.offers("no-such-command", ""), [])
        self.assertIn("--data", self.offers("no-such-command", "--da"), "settings are there for all")

    def test_it_is_built_and_installed(self):
        built = harness.BIN.parent / "completions/chaoxun"
        self.assertEqual(built.read_text(), self.script.read_text())
        rules = (harness.BIN.parent / "cmake_install.cmake").read_text()
        self.assertIn("share/bash-completion/completions", rules)


if __name__ == "__main__":
    unittest.main(verbosity=2)
