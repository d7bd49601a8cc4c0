import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from 'mocha'
import type { Access } from '../../src/backup/repository/restic.ts'
import { findProgram } from '../../src/processes/system-packages.ts'

/** Skips a suite, and prints the reason, if restic is not installed. */
export function needRestic(this: Context) {
  if (findProgram('restic')) return
  console.log('Not tested: backups, because restic is not installed (scripts/setup.sh restic)')
  this.skip()
}

/** Returns the access to an empty place for repositories, and a function that removes it. */
export function temporaryRepository(): { access: Access; folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-backup-'))
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, 'correct horse', { mode: 0o600 })
  const access = { location: join(folder, 'repository'), passwordFile }
  return { access, folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
