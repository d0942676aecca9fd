/** What is installed as the build of an action that builds nothing, and needs no recipe any more. Pure. */
import type { Build } from '../desired/build.ts'
import type { Receipt } from '../receipts/receipt.ts'

export function installedBuild(receipt: Receipt): Build {
  return {
    recipe: receipt.recipe,
    version: receipt.version,
    prefix: receipt.prefix,
    platform: receipt.platform,
    source: { url: '' },
    system: 'make',
    directory: '',
    configure: [],
    make: [],
    install: [],
    copy: [],
    env: {},
    path: [],
    tools: [],
    parallel: true,
    patches: [],
    dependencies: {},
    linked: [],
    accounts: [],
    files: [],
    setup: [],
    services: [],
    restarts: [],
    smoke: [],
    inputs: receipt.inputs,
    fingerprint: receipt.fingerprint,
  }
}
