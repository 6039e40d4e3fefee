/** The text with every place in which one of these stands made `***`; places that overlap become one. */
export function maskText(text: string, hidden: Iterable<string>): string {
  const places: (readonly [start: number, end: number])[] = []
  for (const word of hidden) {
    for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) places.push([at, at + word.length])
  }
  if (places.length === 0) return text
  let masked = ''
  let done = 0
  for (const [start, end] of places.sort((a, b) => a[0] - b[0])) {
    if (start >= done) masked += `${text.slice(done, start)}***`
    done = Math.max(done, end)
  }
  return masked + text.slice(done)
}
