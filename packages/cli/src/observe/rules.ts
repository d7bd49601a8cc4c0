import { execFile } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Failure } from '../failure.ts'
import { requireProgram } from '../processes/system-packages.ts'
import type { Stack } from '../services/stack.ts'
import { ROUTES_FILE, RULES_FOLDER } from './observer.ts'

const CHECK_LIMIT = 20_000

/** The files with rules, relative to the root. None if the folder is missing. */
export const ruleFiles = (stack: Stack): string[] => globSync(`${RULES_FOLDER}/*.yaml`, { cwd: stack.root }).sort()

/** Fails if Prometheus cannot load the rules, with the places that promtool names. */
export async function requireValidRules(stack: Stack) {
  const files = ruleFiles(stack)
  if (files.length === 0) return
  const promtool = requireProgram('promtool')
  try {
    await promisify(execFile)(promtool, ['check', 'rules', ...files], { cwd: stack.root, timeout: CHECK_LIMIT })
  } catch (cause) {
    const { stdout = '', stderr = '', message } = cause as Error & { stdout?: string; stderr?: string }
    // The output names each file, and has a line with SUCCESS for each valid one.
    const output = `${stdout}\n${stderr}`.trim() || message
    throw new Failure(`Prometheus cannot load the rules in ${RULES_FOLDER}:\n${output}`, undefined, { cause })
  }
}

/** A text that changes when a file of rules or routes changes, or is created or removed. */
export const versionOfRules = (stack: Stack): string =>
  [...ruleFiles(stack), ROUTES_FILE]
    .map(file => `${file}:${statSync(join(stack.root, file), { throwIfNoEntry: false })?.mtimeMs}`)
    .join()
