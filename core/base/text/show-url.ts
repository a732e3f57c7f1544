/** Hex or base64 of this length in a path is a key, not a name. */
const keyLike = /^[A-Za-z0-9_-]{16,}$/

/** An address as it may be shown in log and health: without user, password, query and keys in the path. */
export function showUrl(url: string): string {
  if (!URL.canParse(url)) return url.includes('//') ? '[unreadable address]' : url
  const { protocol, host, pathname, username, password, search } = new URL(url)
  if (username === '' && password === '' && search === '' && !hasKey(pathname)) return url
  const path = pathname
    .split('/')
    .map((part) => (keyLike.test(part) ? '[redacted]' : part))
    .join('/')
  return `${protocol}//${host}${path === '/' ? '' : path}${search === '' ? '' : '?[redacted]'}`
}

function hasKey(pathname: string): boolean {
  return pathname.split('/').some((part) => keyLike.test(part))
}
