/** Why tests that ask a mirror of their own through apt cannot run on this machine; undefined where they can. */
import { run } from '../../runner/local.ts'

export const withoutApt = await run(['apt-get', '--version']).then(
  () => undefined,
  () => 'no apt-get here',
)
