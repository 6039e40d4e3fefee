/** What the next answers to a path are, instead of the file as it should come. Bytes count within one answer. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Announces the whole length and breaks off after so many bytes. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Accepts the request, sends so many bytes (-1: not even a header), and then nothing. */
  | { readonly kind: 'hang'; readonly after: number }
  /** Sends pieces of so many bytes, so many ms apart. */
  | { readonly kind: 'slow'; readonly piece: number; readonly pause: number }
  /** Answers a Range by another range, another total, without saying which one it is, or by half of it. */
  | { readonly kind: 'range'; readonly wrong: 'start' | 'total' | 'unsaid' | 'half' }
  /** Sends the rest that was asked for and calls it another file, whatever If-Range says. */
  | { readonly kind: 'etag'; readonly etag: string }
  /** Announces so many bytes more than there are; fewer, where negative. */
  | { readonly kind: 'length'; readonly by: number }
  /** Packs what it sends, whatever was asked for; `lie` only says so. */
  | { readonly kind: 'packed'; readonly encoding: 'gzip' | 'deflate' | 'br' | 'zstd'; readonly lie?: boolean }
  /** To another path or address. */
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
  /** The byte at this place of the file is another one. */
  | { readonly kind: 'damage'; readonly at: number }

/** How a server is with one of its files, all the time. */
export interface Habits {
  /** Default `strong`: an ETag of the content, and a Last-Modified long ago. `fresh`: only a Last-Modified of just now. */
  readonly validators?: 'strong' | 'weak' | 'date' | 'fresh' | 'none'
  /** Default true: answers a Range. */
  readonly ranges?: boolean
  /** Default true: announces the length. */
  readonly length?: boolean
}

/** One answer, as the mirror saw it. */
export interface Answered {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly asked: Readonly<Record<string, string | string[] | undefined>>
  /** Bytes of the body that went out so far. */
  readonly sent: number
}
