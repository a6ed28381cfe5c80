"""What `make run` says: progress while parts start, a box when all is ready, a cry when a part dies."""

import io
import signal
import time

import qrcode
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from emulators.part import Part
from emulators.seed import PASSWORD, PEOPLE

console = Console(highlight=False)


class Progress:
    """Says of each step when it is done, with its time."""

    def __init__(self) -> None:
        self.began: dict[str, float] = {}
        self.times: dict[str, float] = {}

    def __call__(self, name: str, condition: str) -> None:
        """Note that the step `name` is "working", "done" or "failed"."""
        if condition == "working":
            self.began[name] = time.monotonic()
            return
        self.times[name] = time.monotonic() - self.began[name]
        mark, style = ("✓", "green") if condition == "done" else ("✗", "red")
        console.print(Text(f" {mark} ", style=style), f"{name:<22}", f"{self.times[name]:5.1f} s", sep="")


def show_ready(url: str, phone_url: str | None, parts: list[Part], seconds: float) -> None:
    """The final box: addresses, people, health, and the word `ready`."""
    lines = [f"[bold]Open[/]       {url}", f"[bold]API[/]        {url}/docs", f"[bold]Console[/]    {url}/__dev"]
    if phone_url:
        lines.append(f"[bold]Phone[/]      {phone_url}  (same Wi-Fi; QR below)")
    # On https it is __Host-refresh and Secure; browsers take neither on plain http (functions/identity/cookies.py).
    lines.append("[bold]Cookie[/]     `refresh`, HttpOnly and SameSite=Strict; not Secure, for this is plain http")
    lines += ["", f"[bold]People[/]     password {PASSWORD}"]
    lines += [f"           {person.username:<6} PIN {person.pin}" for person in PEOPLE]
    lines.append("")
    lines += [f"[green]●[/] {part.name:<22} {part.url}" for part in parts]
    console.print(Panel("\n".join(lines), title="E-Wallet Lite", expand=False, padding=(1, 2)))
    if phone_url:
        console.print(_qr(phone_url))
    forget = "make reset" if parts else "make reset ENGINE=docker"  # containers are no parts of this machine
    console.print(f"[bold green]ready[/] in {seconds:.1f} s · Ctrl-C ends it, {forget} forgets it")


def show_death(part: Part, restarting: bool) -> None:
    """Name a part that died, how, and the last lines of its log."""
    title = f"{part.name} died ({_cause(part.process.returncode)})"
    then = "It is started again." if restarting else "It died too often: everything ends."
    console.print(Text(title, style="bold red"), then, sep=". ")
    for line in (part.tail() or "(its log is empty)").splitlines():
        console.print("  │ ", line, sep="", markup=False, soft_wrap=True)
    console.print(f"  └ {part.log}", markup=False, soft_wrap=True)


def _cause(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return f"killed by {signal.Signals(-returncode).name}"
    return f"exit code {returncode}"


def _qr(text: str) -> str:
    code = qrcode.QRCode(border=2)
    code.add_data(text)
    output = io.StringIO()
    code.print_ascii(out=output, invert=True)
    return output.getvalue()
