import { closeSync, copyFileSync, openSync, readSync, statSync, truncateSync } from 'node:fs'

const INTERVAL = 150
const CHUNK = 256 * 1024
const LONGEST_LINE = 64 * 1024
const LARGEST_FILE = 64 * 1024 * 1024

/**
 * Calls `line` for every line that is appended to a file from now on, or after the byte `from`. A file that grows beyond 64 MiB is copied to
 * `<file>.1` and emptied. Returns a function that reads the rest and stops.
 */
export function follow(file: string, line: (text: string) => void, from = sizeOf(file)): () => void {
  let offset = from
  let partial = ''
  const read = () => {
    const size = sizeOf(file)
    if (size < offset) offset = 0
    while (offset < size) {
      const bytes = readAt(file, offset)
      offset += bytes.length
      const lines = (partial + bytes.toString('utf8')).split('\n')
      partial = lines.pop()!.slice(0, LONGEST_LINE)
      lines.forEach(line)
    }
    if (size > LARGEST_FILE) {
      copyFileSync(file, `${file}.1`)
      truncateSync(file)
    }
  }
  const timer = setInterval(read, INTERVAL)
  return () => {
    clearInterval(timer)
    read()
  }
}

/** The size of a file in bytes; 0 if it does not exist. */
export const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** Reads up to 256 KiB of a file from an offset. */
export function readAt(file: string, offset: number): Buffer {
  const buffer = Buffer.alloc(CHUNK)
  const descriptor = openSync(file, 'r')
  try {
    return buffer.subarray(0, readSync(descriptor, buffer, 0, CHUNK, offset))
  } finally {
    closeSync(descriptor)
  }
}
