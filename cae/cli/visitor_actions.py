"""What a visitor does on a page beside drawing: choose, press, upload."""

import asyncio
import http.client
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.WidgetStates_pb2 import WidgetState

from cae.cli.browser import AppError
from cae.cli.visitor import Visitor


async def put(visitor: Visitor, data: bytes) -> tuple[FileURLs, int]:
    """Send a file to the visitor's session; its addresses there, and the status of the answer."""
    visitor.file_urls = asyncio.get_running_loop().create_future()
    message = BackMsg()
    message.file_urls_request.request_id, message.file_urls_request.session_id = "1", visitor.session
    message.file_urls_request.file_names.append("picture.png")
    await visitor.send(message.SerializeToString())
    urls = (await asyncio.wait_for(visitor.file_urls, 30)).file_urls[0]
    return urls, await asyncio.to_thread(_put, visitor, urls.upload_url, data)


def _put(visitor: Visitor, path: str, data: bytes) -> int:
    url = visitor.url
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request("GET", f"{urlsplit(url).path}/_stcore/health", headers={"Cookie": visitor.cookie})
    answer = connection.getresponse()
    answer.read()
    cookie = answer.headers["Set-Cookie"]
    token = re.search(r"_streamlit_xsrf=([^;]+)", cookie)
    if not token:
        raise AppError("The server gives no token for an upload.")
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="picture.png"\r\n\r\n'
    cookies = "; ".join(filter(None, (visitor.cookie, token[0])))
    headers = {"Content-Type": "multipart/form-data; boundary=edge", "Cookie": cookies, "X-Xsrftoken": token[1]}
    connection.request("PUT", urlsplit(urljoin(url + "/", path)).path, head + data + b"\r\n--edge--\r\n", headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


async def upload(visitor: Visitor, data: bytes) -> None:
    """Choose a file in the uploader on the page, as the page does."""
    uploader, fragment = find(visitor, "file_uploader")
    urls, status = await put(visitor, data)
    if status != 204:
        raise AppError(f"The upload was answered with status {status}.")

    def fill(state: WidgetState) -> None:
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = "picture.png", len(data), urls.file_id
        info.file_urls.CopyFrom(urls)

    visitor.widgets[uploader.id] = fill
    await visitor.rerun(fragment)


def find(visitor: Visitor, kind: str, label: str | None = None) -> tuple[Any, str]:
    """The first element of this kind on the page, with this label if any is asked for, and its fragment."""
    for element, fragment in visitor.elements.values():
        if element.WhichOneof("type") == kind and label in (None, getattr(element, kind).label):
            return getattr(element, kind), fragment
    raise LookupError(f"no {kind} on the page")


async def press(visitor: Visitor, label: str) -> None:
    """Press a button."""
    button, fragment = find(visitor, "button", label)
    visitor.widgets[button.id] = lambda state: setattr(state, "trigger_value", True)
    await visitor.rerun(fragment)
    del visitor.widgets[button.id]


def choose(visitor: Visitor, *options: str, of: str) -> None:
    """Set the group of choices that has the option `of`; it is sent with the next run."""
    for element, _ in visitor.elements.values():
        group = element.button_group
        if of in [option.content for option in group.options]:
            visitor.widgets[group.id] = lambda state: _fill(state, options)
            return
    raise LookupError(f"no choice of {of} on the page")


def _fill(state: WidgetState, options: tuple[str, ...]) -> None:
    state.string_array_value.SetInParent()  # also where none is chosen
    state.string_array_value.data.extend(options)


async def until(condition: Callable[[], object], what: str, limit: float = 30) -> None:
    for _ in range(int(limit / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AppError(f"{what}: not within {limit:g} s")


def alerts(visitor: Visitor) -> list[str]:
    """The notes and errors on the page."""
    elements = [element for element, _ in visitor.elements.values()]
    return [element.alert.body for element in elements if element.WhichOneof("type") == "alert"]
