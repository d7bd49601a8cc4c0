import { deepEqual, equal } from 'node:assert/strict'
import type { LogEntry } from '../../src/logs/entry.ts'
import { keepNewest, mergeByTime, reorder } from '../../src/logs/order.ts'

const entry = (source: string, time: number): LogEntry => ({ source, time, level: 30, raw: `${source} ${time}` })
const rawOf = ({ raw }: LogEntry) => raw

/** A log that counts how many of its entries were read. */
function logOf(source: string, times: number[]) {
  const log = { read: 0, entries: entries() }
  async function* entries() {
    for (const time of times) {
      log.read++
      yield entry(source, time)
    }
  }
  return log
}

describe('the order of log lines', () => {
  it('is by time over all logs, and as written within one', async () => {
    const logs = [logOf('a', [1, 5, 4]), logOf('b', [2, 3]), logOf('c', [])]
    const merged: LogEntry[] = []
    for await (const one of mergeByTime(logs.map(({ entries }) => entries))) merged.push(one)
    deepEqual(merged.map(rawOf), ['a 1', 'b 2', 'b 3', 'a 5', 'a 4'])
  })

  it('needs only one line of each log in memory', async () => {
    const long = logOf(
      'long',
      Array.from({ length: 1_000 }, (_, place) => place)
    )
    const merged = mergeByTime([long.entries, logOf('other', [500]).entries])
    for (let count = 0; count < 10; count++) await merged.next()
    equal(long.read, 10)
  })

  it('is restored while logs are followed, if lines are late by less than half a second', () => {
    const passed: LogEntry[] = []
    const ordered = reorder(one => passed.push(one))
    ordered.add(entry('a', 1_000))
    ordered.add(entry('a', 1_400))
    ordered.pass(1_600)
    deepEqual(passed.map(rawOf), ['a 1000'])
    ordered.add(entry('b', 1_300))
    ordered.end()
    deepEqual(passed.map(rawOf), ['a 1000', 'b 1300', 'a 1400'])
  })

  it('holds a limited number of lines', () => {
    const passed: LogEntry[] = []
    const ordered = reorder(one => passed.push(one))
    for (let time = 0; time < 10_000; time++) ordered.add(entry('a', time))
    equal(passed.length, 5_000)
    equal(passed.at(-1)?.time, 4_999)
  })

  it('keeps the newest lines of logs that come one after another', () => {
    const newest = keepNewest(3)
    for (const time of [1, 3, 5, 7]) newest.add(entry('a', time))
    for (const time of [2, 4, 6]) newest.add(entry('b', time))
    const { entries, dropped } = newest.sorted()
    deepEqual({ entries: entries.map(rawOf), dropped }, { entries: ['a 5', 'b 6', 'a 7'], dropped: 4 })
  })
})
