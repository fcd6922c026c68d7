/** A piece of HTML that may be put into another as it is. */
export class Html {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text
  }
}

export type Piece = Html | string | number | null | undefined | false | readonly Piece[]

/** HTML from a template. What is put in is escaped unless it is `Html`; null, undefined and false leave nothing. */
export const html = (template: TemplateStringsArray, ...pieces: Piece[]): Html =>
  new Html(String.raw({ raw: template }, ...pieces.map(render)))

function render(piece: Piece): string {
  if (piece instanceof Html) return piece.toString()
  if (piece === null || piece === undefined || piece === false) return ''
  if (typeof piece === 'object') return piece.map(render).join('')
  return String(piece).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
