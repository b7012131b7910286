"""`gradcli repl` in a real terminal: keys go in, the screen is looked at."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
import uuid

import pytest

PATIENCE = 30.0  # seconds until a test gives up on what never comes
ENVIRONMENT = {"PROMPT_TOOLKIT_NO_CPR": "1", "NO_COLOR": "1", "PYTHONUTF8": "1", "COLUMNS": "80"}
COMMAND = [sys.executable, "-m", "gradcli", "repl", "--no-history"]


class Terminal:
    """A process on a pseudo-terminal of its own."""

    def __init__(self, term: str) -> None:
        self._master, self._slave = pty.openpty()
        self._seen = ""
        # The terminal that the leader of a session opens becomes its own: keys like Ctrl-C reach it then.
        opening = 'exec <>"$0" >&0 2>&0; exec "$@"'
        self._process = subprocess.Popen(
            ["sh", "-c", opening, os.ttyname(self._slave), *COMMAND],
            env={**os.environ, **ENVIRONMENT, "TERM": term},
            start_new_session=True,
        )

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def interrupt(self) -> None:
        """Presses Ctrl-C; a system throws away what is typed and printed at that moment."""
        time.sleep(0.3)
        self.type("\x03")
        time.sleep(0.3)

    def expect(self, text: str) -> str:
        """Reads until a text comes; returns everything up to it, and forgets that."""
        end = time.monotonic() + PATIENCE
        while text not in self._seen:
            assert time.monotonic() < end, f"{text!r} never came; there was {self._seen!r}"
            assert self._process.poll() is None, f"{text!r} never came; there was {self._seen!r}"
            self._read()
        before, _, self._seen = self._seen.partition(text)
        return before

    def end(self) -> int:
        """Returns the exit code, once the process has ended."""
        end = time.monotonic() + PATIENCE
        while self._process.poll() is None:
            assert time.monotonic() < end, f"it does not end; there was {self._seen!r}"
            self._read()
        return self._process.returncode

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)
        os.close(self._slave)

    def _read(self) -> None:
        if select.select([self._master], [], [], 0.2)[0]:
            self._seen += os.read(self._master, 65536).decode("utf-8", "replace")


@pytest.fixture(params=["dumb", "xterm"])
def terminal(request):
    """On a dumb terminal Python's own input() reads, on the other one prompt-toolkit."""
    if request.param == "xterm":
        pytest.importorskip("prompt_toolkit", reason="the prompt is prompt-toolkit's, of the extra `repl`")
    found = Terminal(request.param)
    yield found
    found.close()


def test_values_persist_and_ctrl_d_leaves(terminal):
    terminal.expect(">>>")
    terminal.type("x = tensor([1., 2.], requires_grad=True)\r")
    terminal.expect(">>>")
    terminal.type("sum(x**2).backward()\r")
    terminal.expect(">>>")
    terminal.type("x.grad\r")
    terminal.expect("[2, 4]")
    terminal.expect(">>>")
    terminal.type("\x04")
    assert terminal.end() == 0


def test_ctrl_c_cancels_the_line_and_the_session_goes_on(terminal):
    terminal.expect(">>>")
    terminal.type("1 + 1111")
    terminal.expect("1111")
    terminal.interrupt()
    terminal.type("20 + 3\r")
    assert "1112" not in terminal.expect("23")


def test_ctrl_c_ends_a_loop_and_not_the_session(terminal):
    terminal.expect(">>>")
    terminal.type("n = 7\r")
    terminal.expect(">>>")
    terminal.type("print('go', 'on'); x = eye(300)\rwhile True: x = x @ x\r")
    terminal.expect("go on")
    terminal.interrupt()
    terminal.type("n*6\r")
    terminal.expect("42")


def test_a_block_goes_on_until_an_empty_line(terminal):
    terminal.expect(">>>")
    terminal.type("def f(a):\r")
    terminal.expect("...")
    terminal.type("    return a*21\r")
    terminal.expect("...")
    terminal.type("\r")
    terminal.expect(">>>")
    terminal.type("f(2)\r")
    terminal.expect("42")


def test_errors_are_diagnostics_and_the_session_goes_on(terminal):
    terminal.expect(">>>")
    terminal.type("sine(3)\r")
    terminal.expect("error[E201]: no function is called `sine`")
    terminal.expect("did you mean `sin`?")
    terminal.type("cos(0)\r")
    terminal.expect("1")


def test_tab_completes_and_the_arrow_brings_the_line_back():
    pytest.importorskip("prompt_toolkit", reason="the prompt is prompt-toolkit's, of the extra `repl`")
    terminal = Terminal("xterm")
    try:
        terminal.expect(">>>")
        terminal.type("softpl\t")
        terminal.expect("us")  # what was missing is filled in
        terminal.type("(0.)*0 + 41\r")
        terminal.expect("2004l41")  # the value, after the prompt has given the terminal back
        terminal.expect(">>>")
        terminal.type("\x1b[A")
        terminal.expect("41")
        terminal.type("\x7f2\r")
        terminal.expect("2004l42")
    finally:
        terminal.close()


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_a_screen_of_tmux_shows_the_session():
    server = f"gradcli-{uuid.uuid4().hex[:12]}"

    def tmux(*arguments: str) -> str:
        done = subprocess.run(["tmux", "-L", server, *arguments], capture_output=True, text=True, check=False)
        return done.stdout

    def prompted() -> str:
        end = time.monotonic() + PATIENCE
        while not (shown := tmux("capture-pane", "-p", "-t", "s").rstrip()).endswith(">>>"):
            assert time.monotonic() < end, f"no prompt came; the screen is {shown!r}"
            time.sleep(0.1)
        return shown

    settings = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    tmux("new-session", "-d", "-s", "s", "-x", "100", "-y", "60", "env", *settings, *COMMAND)
    try:
        shown = prompted()
        for line in ("x = tensor(3., requires_grad=True)", "y = x**2", "y", ".graph y", ".vars"):
            tmux("send-keys", "-t", "s", "-l", line)
            tmux("send-keys", "-t", "s", "Enter")
            time.sleep(0.2)  # the line is read, and the prompt that it was typed at is no longer the last
            shown = prompted()
        assert ">>> y\n9\n" in shown
        assert "#1 PowBackward0" in shown
        assert "variable" in shown
        assert "computed" in shown
        tmux("send-keys", "-t", "s", "C-d")
        end = time.monotonic() + PATIENCE
        while tmux("list-sessions"):
            assert time.monotonic() < end, "the session did not end"
            time.sleep(0.1)
    finally:
        tmux("kill-server")
