// What pipes have done, for Prometheus, each with its ARN.

internal import Pipes

extension MetricsText {
  /// The text about pipes that have had something to do.
  static func pipes(_ pipes: [(pipe: String, figures: PipeFigures)]) -> String {
    guard !pipes.isEmpty else { return "" }
    var text = MetricsText()
    text.begin("signalbox_pipe_executions_total", .counter, "Batches that pipes took from their sources, by outcome.")
    for (pipe, figures) in pipes {
      text.add(figures.succeeded, ["pipe": pipe, "outcome": "succeeded"])
      text.add(figures.partiallyFailed, ["pipe": pipe, "outcome": "partially-failed"])
      text.add(figures.failed, ["pipe": pipe, "outcome": "failed"])
    }
    text.begin("signalbox_pipe_events_total", .counter, "Messages that pipes took from their sources.")
    for (pipe, figures) in pipes { text.add(figures.events, ["pipe": pipe]) }
    text.begin("signalbox_pipe_filtered_events_total", .counter, "Messages that no filter of their pipe took.")
    for (pipe, figures) in pipes { text.add(figures.filtered, ["pipe": pipe]) }
    text.begin("signalbox_pipe_failed_events_total", .counter, "Messages that could not be handed on and came back.")
    for (pipe, figures) in pipes { text.add(figures.failedEvents, ["pipe": pipe]) }
    text.begin("signalbox_pipe_stage_failures_total", .counter, "Batches that a stage did not take as a whole.")
    for (pipe, figures) in pipes {
      for (name, stage) in figures.stages.sorted(by: { $0.key < $1.key }) {
        text.add(stage.failures, ["pipe": pipe, "stage": name])
      }
    }
    text.begin("signalbox_pipe_stage_seconds", .histogram, "How long stages of pipes took, by batch.")
    for (pipe, figures) in pipes {
      for (name, stage) in figures.stages.sorted(by: { $0.key < $1.key }) {
        text.add(stage.seconds, [("pipe", pipe), ("stage", name)])
      }
    }
    return text.text
  }
}
