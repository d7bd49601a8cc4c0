/** Formats a Markdown table without padding, so that a new row changes no other row. */
export function markdownTable(titles: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [titles, titles.map(() => '---'), ...rows].map(line).join('\n')
}
