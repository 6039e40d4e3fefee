/** Keys that a person presses, as long as somebody listens. */
export interface Keyboard {
  /**
   * Calls back with each key, a character in lower case and Enter as `\n`, until what it answers is called. Undefined where there is no
   * keyboard. Signals of the keyboard (Ctrl-C, Ctrl-Z) stay what they are.
   */
  listen(onKey: (key: string) => void): (() => void) | undefined
}
