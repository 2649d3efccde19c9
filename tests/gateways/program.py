"""What the gateways of the tests are made of: programs in process groups of their own, in a folder of their own.

    server = program.Program("bearerbox", ["bearerbox", configuration], folder / "bearerbox.log")
    server.start(lambda: answers(port))
    server.stop()

A program that ends too early, or does not become ready, raises an AssertionError with the last lines of what it said.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness

WAIT_SECONDS = 60
STOP_SECONDS = 20
TAIL_BYTES = 3000


class Program:
    def __init__(self, name, command, log):
        self.name = name
        self.command = [str(word) for word in command]
        self.log = pathlib.Path(log)
        self.process = None

    def start(self, ready=None):
        """Starts it; waits until `ready` gives something true. Its log goes on where it was."""
        assert not self.running(), f"{self.name} runs already"
        self.stop()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, start_new_session=True)
        if ready:
            self.wait(ready, "readiness")

    def wait(self, test, what, seconds=WAIT_SECONDS):
        """Waits, as long as it runs, until `test` gives something true, which is returned."""
        def tried():
            if not self.running():
                raise AssertionError(f"{self.name} ended before {what}; it said:\n{self.tail()}")
            return test()
        value = harness.within(tried, seconds)
        if not value:
            raise AssertionError(f"{what} did not come true within {seconds} s; {self.name} said:\n{self.tail()}")
        return value

    def running(self):
        return self.process is not None and self.process.poll() is None

    def send_signal(self, how):
        """Sends a signal to the program itself, not to what it started."""
        self.process.send_signal(how)

    def stop(self, how=signal.SIGTERM):
        """Ends it, and then whatever is left of its process group, also when it has ended by itself."""
        if self.process is None:
            return
        if self.running():
            self.send_signal(how)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.send_signal(signal.SIGKILL)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(STOP_SECONDS)
        self.process = None

    def tail(self):
        """The last lines of what it said."""
        return self.log.read_text(errors="replace")[-TAIL_BYTES:] if self.log.exists() else ""


class Gateway:
    """What a test starts: has a folder, start() and stop(); used in a `with` statement, or ended by close()."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cxg-"))

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if kind:
                print(f"--- what {type(self).__name__} said ---", self.said(), sep="\n", flush=True)
        finally:
            self.close()

    def close(self):
        """Stops it and removes its folder, unless CHAOXUN_KEEP is set."""
        self.stop()
        if "CHAOXUN_KEEP" not in os.environ:
            shutil.rmtree(self.folder, ignore_errors=True)

    def said(self):
        """The last lines of its programs, or what else helps when a test fails."""
        raise NotImplementedError

    def wait_messages(self, count, seconds=WAIT_SECONDS):
        """What messages() gives, once there are at least `count`."""
        def enough():
            messages = self.messages()
            return messages if len(messages) >= count else None
        try:
            return harness.until(enough, seconds, f"arrival of {count} messages")
        except TimeoutError as error:
            raise AssertionError(f"{error}; there are {self.messages()}\n{self.said()}") from error
