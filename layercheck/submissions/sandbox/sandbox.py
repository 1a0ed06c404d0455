"""Other people's code in a process that may exit, hang, fork or crash without harm to the run.

The child gets inputs and returns plain arrays; it never sees an expected value and never judges.
docs/isolation.md says what each level of protection stops.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from layercheck.errors import NoSandbox
from layercheck.processes.child import Child, Ticket
from layercheck.processes.death import ChildDied
from layercheck.processes.watch import memory_of_all

from .folder import Folder
from .given import Memory, Placed
from .kills import Kills, about
from .limits import Limits
from .replies import is_reply, seen
from .start import LEVELS, Way, command, environment, filter_for, ways

if TYPE_CHECKING:
    from layercheck.processes.wire import Array, Message

__all__ = ["LEVELS", "Limits", "Sandbox"]

START_SECONDS = 300.0
"""For Python and NumPy to load where the machine is busy: no submission runs yet."""

BESIDE = "beside "
"""Stands before the names of modules that lie beside a file that is read."""

_reached: dict[str | None, Way] = {}  # what has worked in this process


class Sandbox:
    """One submission in a child process of its own, started again after each death.

    level: `bubblewrap`, `landlock` or `plain`; None: the best that this machine has · profiles:
    folders with further profile files · ahead: come back before the child has started; `wait` does
    the rest. After the start, `level` names the protection reached and
    `held` what holds in the child. Use a sandbox in the thread that made it: a child in bubblewrap
    dies with the thread that started it. Raises NoSandbox where the level cannot be had.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        level: str | None = None,
        profiles: Sequence[str] = (),
        ahead: bool = False,
    ) -> None:
        self.limits = limits or Limits()
        self.asked, self.profiles = level, tuple(profiles)
        self.level, self.held = "", list[str]()
        self.folder, own = Folder(self.limits), self.limits
        self.child = Child(own.output_bytes, own.text_bytes)
        self.memory = Memory()
        self._before: list[tuple[dict[str, Any], Mapping[str, Any]]] = []
        self._refused: ChildDied | None = None
        self._spent, self._kills = 0.0, Kills()
        if ahead:
            self._begin_start()
        else:
            self._start()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(
        self,
        name: str,
        data: bytes,
        profile: str = "",
        table: Mapping[str, Any] | None = None,
        helpers: Mapping[str, bytes] | None = None,
    ) -> dict[str, Any]:
        """What is found in a file: `{"read": {...}}`, or `{"refused": why}`. Nothing of it runs.

        profile: the only one to ask · table: what somebody declared · helpers: the modules that lie
        beside it. Raises ChildDied.
        """
        if any("load" in request for request, _ in self._before):
            self._stop()  # another submission never meets what the last one left
        self._before, self._refused, self._spent, self._kills = [], None, 0.0, Kills()
        from ..op_table import op_table  # with it the reference layers, and NumPy

        own = {"name": name, "profile": profile, "table": dict(table or {})}
        request = {"read": {**own, "ops": op_table()}}
        beside = {f"{BESIDE}{n}": text for n, text in (helpers or {}).items()}
        return self._first(request, {"source": data, **beside})

    def wanted(self, helpers: Mapping[str, bytes]) -> list[str]:
        """The modules that these helpers may want from their own folder. Raises ChildDied."""
        return list(self._ahead({"wanted": {}}, helpers)()[0]["wanted"])

    def load(self, helpers: Mapping[str, bytes] | None = None) -> dict[str, Any]:
        """Run the file: `{"loaded": {...}}` or `{"failed": {...}}`; raises ChildDied.

        helpers: the modules that lie beside it.
        """
        try:
            return self._first({"load": {}}, helpers or {})
        except ChildDied as died:
            self._refused = died
            raise

    def renew(self, whole: bool = False) -> None:
        """Load the file anew, as if never called; whole: in another child. Raises ChildDied."""
        if whole:
            self._stop()
        else:
            self._ask(*self._before[-1])

    def call(
        self, target: int, op: str, attributes: Mapping[str, Any], arrays: Mapping[str, Array]
    ) -> Message:
        """One question to a target: `{"answered": ...}` and arrays; raises ChildDied.

        arrays: the inputs by name, and `dout` where the backward is asked for. In the reply,
        `changed` are those that are no longer what they were, seen by this process.
        """
        return self.call_ahead(target, op, attributes, arrays)()

    def call_ahead(
        self,
        target: int,
        op: str,
        attributes: Mapping[str, Any],
        arrays: Mapping[str, Array],
        bare: bool = False,
        traced: bool = False,
        shape: Sequence[int] | None = None,
    ) -> Callable[[], Message]:
        """The same without waiting: what it gives is called for the reply, and raises ChildDied of
        kind `lost` where an earlier question ended the child.

        bare: whether arguments at their own default are left away · traced: whether the calls that
        are made for it are told, too · shape: of the right answer, by which layouts are known.
        """
        asked = {"target": target, "op": op, "attributes": attributes, "bare": bare, "shape": shape}
        return self._ahead({"call": {**asked, **({"traced": True} if traced else {})}}, arrays)

    def perform_ahead(
        self, request: Mapping[str, Any], arrays: Mapping[str, Array]
    ) -> Callable[[], Message]:
        """Calls in a given order, as `call_ahead`: `{"performed": ...}` and arrays.

        request: as `Caller.perform` in the child takes it.
        """
        return self._ahead({"perform": dict(request)}, arrays)

    def _ahead(self, request: dict[str, Any], arrays: Mapping[str, Any]) -> Callable[[], Message]:
        now, again = partial(self._now, request, arrays), partial(self._kills.again, about(request))
        if self._refused is not None:
            return now
        if not self.child.running:
            return partial(again, now, now)
        put, laid, placed = self._put(request, arrays)
        ticket = self.child.begin(put, laid)
        return partial(again, lambda: seen(self._result(put, ticket), placed), now)

    def _now(self, request: dict[str, Any], arrays: Mapping[str, Any]) -> Message:
        if self._refused is not None:
            raise ChildDied(self._refused.kind, self._refused.message)
        if not self.child.running:
            for before, given in self._before:
                self._ask(before, given)
        put, laid, placed = self._put(request, arrays)
        return seen(self._ask(put, laid), placed)

    def _put(
        self, request: dict[str, Any], arrays: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Mapping[str, Any], Placed | None]:
        """A request with its arrays; those of a call are laid where this process sees them."""
        if "call" not in request:
            return request, arrays, None
        placed = self.memory.put(arrays)
        listed = [] if placed is None else placed.listed
        put = {"call": {**request["call"], "placed": listed}}
        return put, arrays if placed is None else {}, placed

    @property
    def described(self) -> str:
        """The level, and what the child alone tells where this process cannot look."""
        watched = self.memory.number is not None
        return self.level if watched else f"{self.level}, changed inputs as the file tells"

    @property
    def text(self) -> str:
        """What the last request printed, cut at `text_bytes`."""
        return self.child.text

    def close(self) -> None:
        """End every process and remove the private folder."""
        self._stop()
        self.memory.close()
        self.folder.remove()

    def _first(self, request: dict[str, Any], arrays: Mapping[str, Any]) -> dict[str, Any]:
        """A request that a child which is started again has to get, too."""
        reply, _ = self._ahead(request, arrays)()
        self._before.append((request, arrays))
        return reply

    def _ask(self, request: dict[str, Any], arrays: Mapping[str, Any]) -> Message:
        self._left()
        if not self.child.running:
            self._start()
        return self._result(request, self.child.begin(request, arrays))

    def _left(self) -> float:
        """How many seconds the submission still has; raises ChildDied where there are none."""
        left = self.limits.total_seconds - self._spent
        if left <= 0:
            raise ChildDied("timed out", f"{self.limits.total_seconds:g} s in all are used up")
        return left

    def _result(self, request: dict[str, Any], ticket: Ticket) -> Message:
        """The reply to a request that was sent; raises ChildDied, and then the child is gone."""
        left = self._left()
        began = time.monotonic()
        try:
            reply = self.child.result(ticket, min(self.limits.call_seconds, left), left)
            if not is_reply(request, reply[0]):
                self.child.stop()
                raise ChildDied("no answer", "what it wrote answers no question")
        except ChildDied:
            self.folder.empty()
            raise
        finally:
            self._spent += time.monotonic() - began
        return reply

    def _start(self) -> None:
        """Start the child in the best way that works; one that has worked is not given up later."""
        self._begin_start()
        self.wait()

    def _begin_start(self) -> None:
        known = _reached.get(self.asked)
        self._ways = deque([known] if known else ways(self.asked))
        self._failed: list[str] = []
        self._spawn()

    def _spawn(self) -> None:
        """Begin to start the child in the next way that can be begun."""
        while self._ways:
            way = self._ways[0]
            try:
                with filter_for(way) as calls:
                    inputs = self.memory.number
                    own = (way, self.limits, self.folder.path, self.profiles)
                    arguments = command(*own, calls, inputs)
                    fds = [number for number in (calls, inputs) if number is not None]
                    looks = [memory_of_all(self.limits.all_bytes), self.folder.look(way.folder)]
                    self.child.spawn(arguments, fds, looks, cwd=self.folder.path, env=environment())
            except OSError as error:
                self._failed.append(f"{self._ways.popleft().level}: {error}")
            else:
                return

    def wait(self) -> None:
        """Wait until the child has started; raises NoSandbox where it cannot."""
        while self._ways:
            way = self._ways.popleft()
            try:
                held = self.child.ready(START_SECONDS)["ready"]["held"]
            except ChildDied as died:
                self._failed.append(f"{way.level}: {died}")
                self._spawn()
            else:
                self._ways.clear()
                self._reach(way, list(held))
                return
        if not self.child.running:
            self._give_up()

    def _reach(self, way: Way, held: list[str]) -> None:
        _reached[self.asked] = way
        self.level, self.held = way.level, held
        self.child.is_kept = "subreaper" in held

    def _give_up(self) -> None:
        self.close()
        told = "; ".join(self._failed) or "not installed"
        asked = f" {self.asked}" if self.asked else ""
        raise NoSandbox(f"no isolation{asked} here ({told})")

    def _stop(self) -> None:
        self.child.stop()
        self.folder.empty()
