const WIDTH = 30

/** The progress of a task: `done` of `total`, with a text. */
export type Progress = { done: number; total: number; text: string }

/** Returns a line such as `[##########--------------------]  33%  text`. */
export function renderBar({ done, total, text }: Progress): string {
  const part = total > 0 ? Math.min(done / total, 1) : 0
  const filled = Math.round(part * WIDTH)
  return `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${String(Math.floor(100 * part)).padStart(3)}%  ${text}`
}

/** A progress bar on one line of a terminal. Draws nothing if the stream is not a terminal. `clear` empties the line. */
export function progressBar(stream: NodeJS.WriteStream) {
  const draw = (line: string) => {
    if (stream.isTTY) stream.write(`\r\u001b[K${line}`)
  }
  return {
    show: (progress: Progress) => draw(renderBar(progress).slice(0, (stream.columns ?? 80) - 1)),
    clear: () => draw('')
  }
}
