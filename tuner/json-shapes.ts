import type { JsonShapes } from '#core/base/cli/json-shapes'
import { ConfigShowShape } from '#core/base/config/config-shape'
import { ExportLineShape } from '#core/forecast/journal/export-line-shape'
import {
  JournalExportShape,
  JournalListShape,
  JournalShowShape,
  JournalStatusShape,
  JournalVerifyShape,
} from '#core/forecast/journal/journal-view'
import { BlendShape } from '#core/tuning/views/blend-view'
import { ChangedShape, HistoryShape, MeasuredShape, ObservedShape } from '#core/tuning/views/change-view'
import { CheckShape } from '#core/tuning/views/check-view'
import { CurrentShape } from '#core/tuning/views/current-view'
import { DiagnoseShape } from '#core/tuning/views/diagnosis-view'
import { ExplainShape } from '#core/tuning/views/explanation-view'
import { ShadowWatchShape } from '#core/tuning/views/rule-watch-view'
import {
  ShadowEarningsShape,
  ShadowFetchShape,
  ShadowReportShape,
  ShadowServedShape,
} from '#core/tuning/views/shadow-view'
import { SuggestShape } from '#core/tuning/views/suggestion-view'
import { RunsCompareShape, RunsListShape, RunsShowShape, TrainShape } from '#core/tuning/views/training-view'
import { ShadowVerifyShape } from '#core/tuning/views/verify-view'
import { CalibrateShape } from './commands/calibrate-shape.ts'
import { ClockShape } from './commands/governance/clock.ts'
import { ImportSeedShape } from './commands/import.ts'
import { BackfillShape, ImportShape, MinutesExportShape, MinutesStatusShape } from './commands/minutes/shapes.ts'
import { ModelsCheckShape, ModelsListShape } from './commands/models-shapes.ts'
import {
  RegimesAtPredictionShape,
  RegimesAtShape,
  RegimesListShape,
  RegimesShowShape,
} from './commands/regimes-shapes.ts'
import { ReplayShape } from './commands/replay-shape.ts'
import { FolderShape } from './commands/score-folder.ts'
import { ScoreShape } from './commands/score-shape.ts'
import { StateDiffShape } from './commands/state.ts'

/**
 * By the words of the command. docs/json-shapes.md is made from this. A test runs every command of the program and
 * reads its output through its shape.
 */
export const tunerShapes: JsonShapes = {
  score: [
    { when: 'of one answer', shape: ScoreShape },
    { when: 'of a folder', shape: FolderShape },
  ],
  'regimes list': [{ shape: RegimesListShape }],
  'regimes show': [{ shape: RegimesShowShape }],
  'regimes at': [{ shape: RegimesAtShape }, { when: 'with --asset and --length', shape: RegimesAtPredictionShape }],
  'minutes status': [{ shape: MinutesStatusShape }],
  'minutes backfill': [{ shape: BackfillShape }],
  'minutes import': [{ shape: ImportShape }],
  'minutes export': [{ shape: MinutesExportShape }],
  check: [{ shape: CheckShape }],
  propose: [{ shape: ChangedShape }, { when: 'with --measure', shape: MeasuredShape }],
  blend: [{ shape: BlendShape }],
  current: [{ shape: CurrentShape }],
  history: [{ shape: HistoryShape }],
  suggest: [{ shape: SuggestShape }],
  observe: [{ shape: ObservedShape }],
  revert: [{ shape: ChangedShape }],
  'ledger correct-time': [{ shape: ClockShape }],
  'ledger correct-start': [{ shape: ClockShape }],
  'ledger trust-clock': [{ shape: ClockShape }],
  'import seed': [{ shape: ImportSeedShape }],
  'state diff': [{ shape: StateDiffShape }],
  'journal status': [{ shape: JournalStatusShape }],
  'journal list': [{ shape: JournalListShape }],
  'journal show': [{ shape: JournalShowShape }],
  'journal verify': [{ shape: JournalVerifyShape }],
  'journal export': [
    { when: 'one prediction per line, also without --json', shape: ExportLineShape },
    { when: 'with --out', shape: JournalExportShape },
  ],
  'models list': [{ shape: ModelsListShape }],
  'models check': [{ shape: ModelsCheckShape }],
  calibrate: [{ shape: CalibrateShape }],
  replay: [{ shape: ReplayShape }],
  diagnose: [{ shape: DiagnoseShape }],
  train: [{ shape: TrainShape }],
  'runs list': [{ shape: RunsListShape }],
  'runs show': [{ shape: RunsShowShape }],
  'runs compare': [{ shape: RunsCompareShape }],
  explain: [{ shape: ExplainShape }],
  'config show': [{ shape: ConfigShowShape }],
  'shadow fetch': [{ shape: ShadowFetchShape }],
  'shadow report': [{ shape: ShadowReportShape }],
  'shadow served': [{ shape: ShadowServedShape }],
  'shadow verify': [{ shape: ShadowVerifyShape }],
  'shadow watch': [{ shape: ShadowWatchShape }],
  'shadow earnings': [{ shape: ShadowEarningsShape }],
}
