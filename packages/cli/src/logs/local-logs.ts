import { createReadStream, globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { pause } from '@bulkhead/load/pacing/arrivals'
import { readAt, sizeOf, tail } from '../output/follow.ts'
import { type EntryParser, entryParser, type LogEntry } from './entry.ts'
import { mergeByTime, reorder } from './order.ts'

/** The number of bytes at the end of a file in which its last complete line is searched: more than a line has. */
const LAST_BYTES = 64 * 1024
/** How often the files are read (ms). */
const INTERVAL = 150

/** A log on this machine: its name, the file that grows, and its parser. */
type LocalLog = { name: string; file: string; parse: EntryParser }

/** Lists the names of the logs in a folder: those of services, stores and `load`. */
export const localLogNames = (folder: string): string[] =>
  globSync('*.log', { cwd: folder })
    .map(file => basename(file, '.log'))
    .sort()

type LocalOptions = {
  folder: string
  /** The name of one log; undefined for all. */
  name: string | undefined
  print: (entry: LogEntry) => void
  /** Goes on until `stop` aborts. */
  isFollowed: boolean
  stop: AbortSignal
}

/** Prints the log lines of a folder, ordered by time. It also follows files that are truncated, replaced, removed or created later. */
export async function printLocalLogs({ folder, name, print, isFollowed, stop }: LocalOptions) {
  const logs = new Map<string, LocalLog>()
  const find = () => {
    const names = localLogNames(folder).filter(each => (name === undefined || each === name) && !logs.has(each))
    const found = names.map(each => ({ name: each, file: join(folder, `${each}.log`), parse: entryParser(each) }))
    for (const log of found) logs.set(log.name, log)
    return found
  }
  const first = find()
  // What is written after this moment is read by `follow`.
  const sizes = first.map(({ file }) => sizeOfLines(file))
  for await (const entry of mergeByTime(first.map((log, place) => entriesOf(log, sizes[place]!)))) {
    if (stop.aborted) return
    print(entry)
  }
  if (!isFollowed) return
  const ordered = reorder(print)
  const begin = ({ file, parse }: LocalLog, from: number) => tail(file, line => line && ordered.add(parse(line)), from)
  const tails = first.map((log, place) => begin(log, sizes[place]!))
  while (!stop.aborted) {
    for (const log of find()) tails.push(begin(log, 0))
    for (const read of tails) read()
    ordered.pass(Date.now())
    await pause(INTERVAL, stop)
  }
  ordered.end()
}

/** The bytes of the complete lines of a file. */
function sizeOfLines(file: string): number {
  const size = sizeOf(file)
  const from = Math.max(0, size - LAST_BYTES)
  const end = size > 0 ? readAt(file, from).lastIndexOf('\n') : -1
  return end < 0 ? from : from + end + 1
}

/** Reads the entries of a log: the part that the runner has put aside, then the first `size` bytes of the file. */
async function* entriesOf({ file, parse }: LocalLog, size: number): AsyncGenerator<LogEntry> {
  const parts = [
    { path: `${file}.1`, end: sizeOf(`${file}.1`) },
    { path: file, end: size }
  ]
  for (const { path, end } of parts.filter(({ end }) => end > 0)) {
    const input = createReadStream(path, { end: end - 1 })
    try {
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
        if (line.trim() !== '') yield parse(line)
      }
    } finally {
      input.destroy()
    }
  }
}
