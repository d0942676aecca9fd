/** Which project a command works on: the folder given, else this one, else the one that build-stack itself came with. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageRoot } from '../paths.ts'

export function projectFolder(given: string): string {
  if (given) return resolve(given)
  return existsSync(join(process.cwd(), 'hosts.yaml')) ? process.cwd() : packageRoot
}
