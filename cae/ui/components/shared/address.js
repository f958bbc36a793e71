// What the address of the page carries, so that a link or a reload shows the same.

/** Put these parameters into the address, without a new entry in the history; null takes one away. */
export function writeAddress(parameters) {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}
