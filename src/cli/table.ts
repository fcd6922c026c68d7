/** Rows under their headings in aligned columns, for a terminal. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  return [heading(headings, widths), ...rows.map((row) => line(row, widths))].join('\n')
}

/** The headings of a table whose rows come one by one, under which `line` puts them. */
export const heading = (headings: readonly string[], widths: readonly number[]): string =>
  [
    line(headings, widths),
    line(
      widths.map((width) => '─'.repeat(width)),
      widths,
    ),
  ].join('\n')

/** A row in columns of these widths; what is longer moves the rest. */
export const line = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join('  ')
    .trimEnd()
