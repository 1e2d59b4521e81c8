import type { Outcomes } from '../outcomes.ts';

/** Classes beyond this number are not shown one by one: a table of a thousand rows is read by nobody. */
const mostClassesShown = 50;

/** Metrics that are measured of a task whether or not a gate asks for them, in the order in which they are shown. */
export function shownMetrics(outcomes: Outcomes): readonly string[] {
  switch (outcomes.task) {
    case 'classification': {
      const { classes, scores } = outcomes;
      const ofScores = scores === null ? [] : ['roc-auc', 'log-loss', 'brier', 'ece'];
      const ofClasses = classes.length > mostClassesShown ? [] : classes.map((name) => `f1[${name}]`);
      return ['accuracy', 'balanced-accuracy', 'f1-macro', ...ofScores, ...ofClasses];
    }
    case 'regression':
      return ['mae', 'rmse', 'r2', ...outcomes.quantiles.map(({ level }) => `quantile-loss@${level}`)];
    case 'ranking':
      return ['ndcg@10', 'mrr', 'recall@10'];
    case 'text':
      return ['exact-match', 'token-f1', 'rouge-l'];
  }
}
