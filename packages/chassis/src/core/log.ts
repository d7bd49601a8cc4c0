import { setTimeout as delay } from 'node:timers/promises'
import { type DestinationStream, type Logger, pino } from 'pino'

type LogOptions = { service: string; version: string; level: string; destination?: DestinationStream }

/** Lines are written together: once they have so many bytes, or after so many milliseconds. A write for each line took 5 % of the CPU time. */
const [MIN_WRITE_BYTES, LINGER_MS] = [4096, 100]
/** How long (ms) the end of a process waits for its log, whose reader may be stuck. */
const FLUSH_MS = 1_000

/**
 * Creates a logger that writes JSON lines to standard output, each with the service's name and version. Waiting lines are written when the
 * process exits, but are lost when it is killed. Fields named `authorization`, `cookie` and `secret` are hidden, at the top and one level
 * below.
 */
export function serviceLog({ service, version, level, destination }: LogOptions): Logger {
  const options = {
    level,
    base: { service, version },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['authorization', 'cookie', 'secret', '*.authorization', '*.cookie', '*.secret']
  }
  return pino(options, destination ?? bufferedOutput())
}

/** Standard output with a buffer. pino's own `periodicFlush` would wake the process ten times a second even without lines. */
function bufferedOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, minLength: MIN_WRITE_BYTES, sync: false })
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
 * Waits until the waiting lines are written, for at most a second. Call it before `process.exit`, which writes the rest of the buffer at
 * once, even before a line that another thread is still writing.
 */
export async function flushLog(log: Logger) {
  // `flush` also syncs the file. A pipe refuses that, so its error means nothing here.
  const written = new Promise<void>(resolve => log.flush(() => resolve()))
  await Promise.race([written, delay(FLUSH_MS)])
}
