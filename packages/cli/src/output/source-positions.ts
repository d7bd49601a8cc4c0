import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { relative, resolve } from 'node:path'
import { bundleFile } from '../bundling/bundles.ts'
import type { Stack } from '../services/stack.ts'

const BUNDLE_POSITION = /(?:file:\/\/)?(\/[^\s():]*\/build\/([^/\s]+)\/server\.js):(\d+)(?::(\d+))?/g

/**
 * Replaces every position in a bundle, such as `file:///…/build/cart/server.js:812:11`, with its position in the sources. The services do not
 * do this themselves, because Node's `--enable-source-maps` would need 90 MiB of memory per service.
 */
export function withSourcePositions(stack: Stack, text: string): string {
  const maps: Record<string, SourceMap> = {}
  return text.replaceAll(
    BUNDLE_POSITION,
    (position: string, file: string, service: string, line: string, column = '1') => {
      if (file !== bundleFile(stack, service)) return position
      maps[service] ??= new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
      const origin = maps[service].findOrigin(Number(line), Number(column))
      if (!('fileName' in origin)) return position
      return `${relative(stack.root, resolve(stack.root, service, origin.fileName))}:${origin.lineNumber}:${origin.columnNumber}`
    }
  )
}
