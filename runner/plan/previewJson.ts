/** A dry run's preview as --json prints it: texts as the lines of their diffs, and null for what is not known. */
import type { ActionPreview, Preview } from './preview.ts'
import { lineDiff } from './textDiff.ts'

export function previewJson({ actions, drift, disk }: Preview): Record<string, unknown> {
  return {
    actions: Object.fromEntries(Object.entries(actions).map(([recipe, one]) => [recipe, actionJson(one)])),
    drift: drift.map(({ kind, recipe, message }) => ({ kind, recipe: recipe ?? null, message })),
    disk: disk.map(({ folder, needed, free }) => ({ folder, needed, free: free ?? null })),
  }
}

function actionJson({ texts, files, services, duration, packageOf, kept }: ActionPreview): unknown {
  return {
    texts: texts.map(({ what, kind, name, old, new: wanted }) => ({
      what,
      kind,
      name,
      diff: what === 'unknown' ? null : lineDiff(old ?? '', wanted ?? '', Number.POSITIVE_INFINITY),
    })),
    files: files ?? null,
    services: services.map((service) => ({ ...service, downSeconds: service.downSeconds ?? null })),
    duration: duration ?? null,
    packageOf: packageOf ?? null,
    kept,
  }
}
