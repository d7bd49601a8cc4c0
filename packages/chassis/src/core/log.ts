import { type DestinationStream, type Logger, pino } from 'pino'

type LogOptions = { service: string; version: string; level: string; destination?: DestinationStream }

/**
 * Creates a logger that writes JSON lines to standard output, each with the service's name and version. A line is written before the call
 * returns, so that it is not lost if the process is killed. Fields named `authorization`, `cookie` and `secret` are hidden, at the top
 * level and one level below.
 */
export function serviceLog({ service, version, level, destination }: LogOptions): Logger {
  const options = {
    level,
    base: { service, version },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['authorization', 'cookie', 'secret', '*.authorization', '*.cookie', '*.secret']
  }
  return pino(options, destination ?? pino.destination({ dest: 1, sync: true }))
}
