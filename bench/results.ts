import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readOptionalFile } from '../packages/cli/src/optional-file.ts'
import type { Row } from './figure.ts'

/** What one figure gave, when and where. */
export type Result = { date: string; machine: string; seconds: number; rows: Row[] }

/** Every figure that was measured, by its name. */
export type Results = Record<string, Result>

const fileOf = (root: string) => join(root, 'bench/results.json')

/** The results that are kept in the repository; none where nothing was measured yet. */
export const readResults = (root: string): Results => JSON.parse(readOptionalFile(fileOf(root)) ?? '{}')

export const writeResults = (root: string, results: Results) =>
  writeFileSync(fileOf(root), `${JSON.stringify(results, undefined, 2)}\n`)
