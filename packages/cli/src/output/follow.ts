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
  const readRest = tail(file, line, from)
  const read = () => {
    readRest()
    if (sizeOf(file) > LARGEST_FILE) {
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

/**
 * Returns a function that calls `line` for each complete line after the byte `from` that it has not read yet. Begins again at the start of a
 * file that was emptied or replaced. The file may be missing.
 */
export function tail(file: string, line: (text: string) => void, from: number): () => void {
  let offset = from
  let partial = ''
  let known = identityOf(file)
  return () => {
    const size = sizeOf(file)
    const found = identityOf(file)
    if (size < offset || (known !== undefined && found !== undefined && found !== known)) {
      offset = 0
      partial = ''
    }
    known = found ?? known
    while (offset < size) {
      const bytes = readAt(file, offset)
      if (bytes.length === 0) return // The file was emptied since its size was read.
      offset += bytes.length
      const lines = (partial + bytes.toString('utf8')).split('\n')
      partial = lines.pop()!.slice(0, LONGEST_LINE)
      lines.forEach(line)
    }
  }
}

/** Tells a file from another one of the same name, even if the system gives the number of a removed file to a new one. */
function identityOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat && `${stat.ino} ${stat.birthtimeMs}`
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
