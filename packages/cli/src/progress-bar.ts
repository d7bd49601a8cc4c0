const WIDTH = 30

/** How far something is: `done` of `total`, and what there is to say about it. */
export type Progress = { done: number; total: number; text: string }

/** `[##########--------------------]  33%  text` */
export function barOf({ done, total, text }: Progress): string {
  const part = total > 0 ? Math.min(done / total, 1) : 0
  const filled = Math.round(part * WIDTH)
  return `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${String(Math.floor(100 * part)).padStart(3)}%  ${text}`
}

/** Draws over one line of a terminal; elsewhere it draws nothing. `clear` leaves the line empty. */
export function progressBar(stream: NodeJS.WriteStream) {
  const draw = (line: string) => {
    if (stream.isTTY) stream.write(`\r\u001b[K${line}`)
  }
  return {
    show: (progress: Progress) => draw(barOf(progress).slice(0, (stream.columns ?? 80) - 1)),
    clear: () => draw('')
  }
}
