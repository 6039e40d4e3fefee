import { styleText } from 'node:util'

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

/** Colours for text, or none; which of the two, the terminal knows. */
export type Paint = Readonly<Record<Style, (text: string) => string>>

const dye = (style: Style) => (text: string) => (text === '' ? '' : styleText(style, text, { validateStream: false }))
const bare = (text: string) => text

const colored: Paint = {
  bold: dye('bold'),
  dim: dye('dim'),
  red: dye('red'),
  green: dye('green'),
  yellow: dye('yellow'),
}
export const noPaint: Paint = { bold: bare, dim: bare, red: bare, green: bare, yellow: bare }

export function paint(colors: boolean): Paint {
  return colors ? colored : noPaint
}
