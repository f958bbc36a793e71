"""A visitor without a browser: one session of the app, over the protocol that Streamlit's page speaks with its server.

Like the page, it sends the states of all widgets with each request, asks for fragments again where the server wants it,
and tells which messages it has kept. It knows the page Play: what its component shows, and what it reports.
"""

import asyncio
import base64
import contextlib
import json
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

PLAY = "cae_play"
"""The name of Play's component."""
KEPT_RUNS = 2
"""Runs for which a browser keeps a message that the server has marked."""


class Visitor:
    """One session. Requests return when they are sent; what the server sends is taken in meanwhile.

    Args:
        url: the app's address.
        page: the path of the page that is opened, e.g. "compress"; "" is Play.
    """

    def __init__(self, url: str, page: str = "") -> None:
        self.url, self.page = url.rstrip("/"), page
        self.session = self.cookie = ""
        self.widgets: dict[str, Callable[[WidgetState], None]] = {}
        """What fills in the state of each widget, by its id."""
        self.elements: dict[tuple[int, ...], tuple[Element, str]] = {}
        """What is on the page, with the fragment that it belongs to, by its place."""
        self.errors: list[str] = []
        """Exceptions on the page."""
        self.panels: dict[str, Any] = {}
        """What Play's component was handed last."""
        self.bytes_received = 0
        self.reported: dict[str, Any] = {}
        """What Play's component reports."""
        self.on_panels: Callable[[dict[str, Any]], None] = lambda _: None
        """Called with what Play's component is handed."""
        self.finished = asyncio.Event()
        """Set when the whole page has been run; to be cleared by whoever waits for the next run."""
        self.file_urls: asyncio.Future[Any] | None = None
        """Where the addresses of an upload go, if somebody has asked for them."""
        self._play = self._fragment = ""
        self._script = ""  # the hash of the page, once the server has told it
        self._kept: dict[str, tuple[int, ForwardMsg]] = {}  # messages by their hashes, and the run that had them last
        self._runs = 0
        self._timers: dict[str, asyncio.Task] = {}
        self._socket: Any = None
        self._reader: asyncio.Task | None = None

    async def open(self) -> None:
        """Get the cookie that keeps a visitor at one process, unless there is one; connect, and ask for the page."""
        self.cookie = self.cookie or await asyncio.to_thread(_cookie, self.url)
        parts = urlsplit(self.url)
        self._socket = await websockets.connect(
            f"{self.url.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=[websockets.Subprotocol(name) for name in ("streamlit", "none")],
            origin=websockets.Origin(f"{parts.scheme}://{parts.netloc}"),
            additional_headers={"Cookie": self.cookie} if self.cookie else None,
            compression=None,
            max_size=None,
            ping_interval=None,
            open_timeout=60,
            close_timeout=1,
        )
        self._reader = asyncio.create_task(self._read())
        await self.rerun()

    async def load(self, limit: float = 60) -> None:
        """Open the page and wait until it has been run. Raises TimeoutError."""
        await self.open()
        await asyncio.wait_for(self.finished.wait(), limit)

    async def close(self) -> None:
        for task in [*self._timers.values(), self._reader]:
            if task:
                task.cancel()
        if self._socket:
            await self._socket.close()

    async def send(self, frame: bytes) -> None:
        """Send any bytes in place of a message."""
        await self._socket.send(frame)

    async def rerun(self, fragment: str = "", *, auto: bool = False) -> None:
        """Have a fragment run, or the whole page.

        Args:
            auto: whether the server has asked for it to be run again and again.
        """
        message = BackMsg()
        rerun = message.rerun_script
        rerun.page_script_hash, rerun.page_name = self._script, "" if self._script else self.page
        rerun.widget_states.SetInParent()
        for name, fill in self.widgets.items():
            state = rerun.widget_states.widgets.add()
            state.id = name
            fill(state)
        rerun.fragment_id, rerun.is_auto_rerun = fragment, auto
        rerun.cached_message_hashes.extend(self._kept)
        context = rerun.context_info
        context.timezone, context.locale, context.url, context.color_scheme = "UTC", "en-US", self.url, "light"
        await self.send(message.SerializeToString())

    def has(self, kind: str, label: str | None = None) -> bool:
        """Whether an element of this kind is on the page, with this label if any is asked for, and can be used."""
        found = (getattr(element, kind) for element, _ in self.elements.values() if element.WhichOneof("type") == kind)
        return any((label is None or each.label == label) and not getattr(each, "disabled", False) for each in found)

    async def report(self, **changed: Any) -> None:
        """Report as Play's component does what has changed, beside what it has reported before."""
        self.reported |= changed
        await self.report_text(json.dumps(self.reported, separators=(",", ":")))

    async def report_text(self, text: str) -> None:
        """Send any text as what Play's component reports."""
        self.widgets[self._play] = lambda state: setattr(state, "json_value", text)
        await self.rerun(self._fragment)

    async def draw(self, strokes: list[dict]) -> None:
        """Report what is on the pad: strokes as `cae.imaging.strokes.strokes_to_json` makes them."""
        await self.report(drawing={"strokes": strokes, "version": self.panels["pad"]["version"], "time": 0})

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for data in self._socket:
                self.bytes_received += len(data)
                self._take(ForwardMsg.FromString(data))

    def _take(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "ref_hash":  # a message that is kept here, perhaps for another place
            there, message = message, ForwardMsg.FromString(self._kept[message.ref_hash][1].SerializeToString())
            message.metadata.CopyFrom(there.metadata)
            self._kept[there.ref_hash] = self._runs, message
        elif message.metadata.cacheable and message.hash:
            self._kept[message.hash] = self._runs, message
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element, fragment = message.delta.new_element, message.delta.fragment_id
            self.elements[tuple(message.metadata.delta_path)] = element, fragment
            self._take_element(element, fragment)
        elif kind == "new_session":
            self.session = message.new_session.initialize.session_id or self.session
            if not message.metadata.run.fragment_ids:  # the whole page
                self._stop(list(self._timers))
                self.elements.clear()
        elif kind == "script_finished":
            self._runs += 1
            self._kept = {name: kept for name, kept in self._kept.items() if self._runs - kept[0] <= KEPT_RUNS}
            if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self.finished.set()
        elif kind == "auto_rerun":
            rule = message.auto_rerun
            self._stop([rule.fragment_id])
            self._timers[rule.fragment_id] = asyncio.create_task(self._again(rule.fragment_id, rule.interval))
        elif kind == "stop_auto_rerun":
            self._stop(message.stop_auto_rerun.fragment_ids)
        elif kind == "navigation":
            self._script = message.navigation.page_script_hash
        elif kind == "file_urls_response" and self.file_urls:
            self.file_urls.set_result(message.file_urls_response)

    def _take_element(self, element: Element, fragment: str) -> None:
        """Keep what a new widget would report at first, and what Play shows."""
        match element.WhichOneof("type"):
            case "bidi_component":
                component = element.bidi_component
                if component.component_name.endswith(PLAY):
                    self._play, self._fragment = component.id, fragment
                    [self.panels] = json.loads(component.json)
                    self.on_panels(self.panels)
            case "button_group":
                group = element.button_group
                chosen = (
                    list(group.raw_values) if group.set_value else [group.options[i].content for i in group.default]
                )
                self.widgets.setdefault(group.id, lambda state: state.string_array_value.data.extend(chosen))
            case "checkbox":
                ticked = element.checkbox.default
                self.widgets.setdefault(element.checkbox.id, lambda state: setattr(state, "bool_value", ticked))
            case "slider":
                values = list(element.slider.default)
                self.widgets.setdefault(element.slider.id, lambda state: state.double_array_value.data.extend(values))
            case "exception":
                self.errors.append(f"{element.exception.type}: {element.exception.message}")

    async def _again(self, fragment: str, interval: float) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await asyncio.sleep(interval)
                await self.rerun(fragment, auto=True)

    def _stop(self, fragments: Any) -> None:
        for fragment in fragments:
            if timer := self._timers.pop(fragment, None):
                timer.cancel()


def _cookie(url: str) -> str:
    """What a browser sends once it has been at that address; "" where no cookie is set."""
    with urllib.request.urlopen(f"{url}/", timeout=60) as answer:
        return "; ".join(line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie", []))


def shown(panels: dict[str, Any], name: str) -> bytes | None:
    """A picture that Play shows, 784 bytes; None where it is not there (yet)."""
    text = panels["pixels"].get(name)
    return None if text is None else base64.b64decode(text)
