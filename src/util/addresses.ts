/** An address as it may be shown: who it is asked as (`user:password@`) is `***`. */
export function shownAddress(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*@/i, (_, scheme: string | undefined) => `${scheme ?? ''}//***@`)
}

/** The same without its query: what a server redirects to holds a ticket often. */
export function withoutQuery(url: string): string {
  return shownAddress(url).replace(/\?.*$/s, '?…')
}

/** The words of an address that nobody may see, as they stand in it and decoded. */
export function hiddenInAddress(url: string): readonly string[] {
  if (!URL.canParse(url)) return []
  const { username, password } = new URL(url)
  return [username, password].filter((word) => word !== '').flatMap((word) => [...new Set([word, unescaped(word)])])
}

/** Without `%xx`, where these make sense. */
export function unescaped(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    return word
  }
}

/** `127.0.0.1:8080`; the whole text where it is no address. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : shownAddress(url)
}
