import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readOptionalFile } from '../../packages/cli/src/files/optional-file.ts'
import type { Row } from './rows.ts'

/** The result of one figure: its rows, and when and where it was measured. */
export type Result = { date: string; machine: string; seconds: number; rows: Row[] }

/** The results of all measured figures, by name. */
export type Results = Record<string, Result>

const fileOf = (root: string) => join(root, 'bench/results.json')

/** Reads the results that are kept in the repository. They are empty before the first measurement. */
export const readResults = (root: string): Results => JSON.parse(readOptionalFile(fileOf(root)) ?? '{}')

export const writeResults = (root: string, results: Results) =>
  writeFileSync(fileOf(root), `${JSON.stringify(results, undefined, 2)}\n`)
