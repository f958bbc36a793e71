// What the address of the page carries, so that a link or a reload shows the same.

/** The address of this page with these parameters; null takes one away. */
export function addressWith(parameters) {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}

/** Put these parameters into the address, without a new entry in the history; null takes one away. */
export function writeAddress(parameters) {
  const address = addressWith(parameters);
  if (address !== window.location.href) window.history.replaceState(window.history.state, "", address);
}
