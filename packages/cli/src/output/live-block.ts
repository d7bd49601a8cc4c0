import { stripVTControlCharacters } from 'node:util'

/** A block of lines at the end of a terminal, which each call of `show` replaces. Draws nothing if the stream is not a terminal. */
export type LiveBlock = { show: (lines: string[]) => void; clear: () => void }

type Terminal = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows' | 'write'>

/** Makes a live block. Lines are cut to the width, and the block to the height, because a wrapped block could not be replaced. */
export function liveBlock(stream: Terminal): LiveBlock {
  let drawn = 0
  const up = () => (drawn > 0 ? `\u001b[${drawn}A` : '')
  return {
    show(lines) {
      if (!stream.isTTY) return
      const fitting = lines
        .slice(0, Math.max(1, (stream.rows ?? 24) - 1))
        .map(line => stripVTControlCharacters(line).slice(0, (stream.columns ?? 80) - 1))
      stream.write(`${up()}\u001b[0J${fitting.join('\n')}\n`)
      drawn = fitting.length
    },
    clear() {
      if (stream.isTTY) stream.write(`${up()}\u001b[0J`)
      drawn = 0
    }
  }
}
