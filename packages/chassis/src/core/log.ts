import { setTimeout as delay } from 'node:timers/promises'
import { type DestinationStream, type Logger, pino } from 'pino'

type LogOptions = { service: string; version: string; level: string; destination?: DestinationStream }

/** Bytes that are written at once, and the milliseconds that a line waits at most: a write for each took 5 % of the CPU time. */
const [WRITTEN_AT_ONCE, LINGER_MS] = [4096, 100]
/** Milliseconds that the end of a process waits for its log: who reads that may be stuck. */
const FLUSH_MS = 1_000

/**
 * A logger of JSON lines on standard output, each with the service's name and version. What is still to be written goes out when the process
 * exits, but not when it is killed. Fields named `authorization`, `cookie` and `secret` are hidden, at the top and one level below.
 */
export function serviceLog({ service, version, level, destination }: LogOptions): Logger {
  const options = {
    level,
    base: { service, version },
    timestamp: isoTimes(),
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['authorization', 'cookie', 'secret', '*.authorization', '*.cookie', '*.secret']
  }
  return pino(options, destination ?? gatheringOutput())
}

/** Standard output, to which what gathers is written. pino's own `periodicFlush` wakes the process ten times a second when there is nothing to write. */
function gatheringOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, minLength: WRITTEN_AT_ONCE, sync: false })
  const write = output.write.bind(output)
  let isDue = false
  const flush = () => {
    isDue = false
    output.flush()
  }
  output.write = line => {
    if (!isDue) setTimeout(flush, LINGER_MS).unref()
    isDue = true
    return write(line)
  }
  return output
}

/**
 * Waits for what the log is writing, a second at most. To be called before `process.exit`, which writes what has gathered at once: ahead
 * of a line that another thread is still to write.
 */
export async function flushLog(log: Logger) {
  // Its error is that of a sync, which a pipe refuses.
  const written = new Promise<void>(resolve => log.flush(() => resolve()))
  await Promise.race([written, delay(FLUSH_MS)])
}

/** As pino's `isoTime`, but the text is made once a millisecond. */
function isoTimes() {
  let [at, text] = [0, '']
  return () => {
    const now = Date.now()
    if (now !== at) {
      at = now
      text = `,"time":"${new Date(now).toISOString()}"`
    }
    return text
  }
}
