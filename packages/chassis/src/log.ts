import { type DestinationStream, type Logger, pino } from 'pino'

type LogOptions = { service: string; version: string; level: string; destination?: DestinationStream }

/** A logger of JSON lines on standard output, each with the service's name and version. Tokens and cookies never show. */
export function serviceLog({ service, version, level, destination }: LogOptions): Logger {
  const options = {
    level,
    base: { service, version },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['authorization', 'cookie', '*.authorization', '*.cookie']
  }
  return destination ? pino(options, destination) : pino(options)
}
