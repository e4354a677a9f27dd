import Support

/// Another way to put a task into words, under a name.
struct Rendering: Sendable {
  var inputs: TextTemplate
  /// nil for the task's own.
  var targets: TextTemplate?
  var location: SourceLocation

  init(_ value: YAMLValue) throws(GraftError) {
    location = value.location
    let record = try value.record("a rendering", keys: ["inputs", "targets"])
    guard let text = record["inputs"] else { throw value.error("a rendering needs 'inputs'") }
    inputs = try TextTemplate(text.string(), location: text.location)
    if let text = record["targets"] { targets = try TextTemplate(text.string(), location: text.location) }
  }
}

extension TaskDefinition {
  /// The ways it can be put besides its own, in alphabetical order.
  public var renderingNames: [String] { renderings.keys.sorted() }

  /// The task put another way. Examples, choices and metrics are the same; the hash of the definition is another.
  ///
  /// - Throws: `.usage` for a name that the task does not have.
  public func rendered(as name: String) throws(GraftError) -> TaskDefinition {
    guard let rendering = renderings[name] else {
      throw .unknownName("rendering of task '\(self.name)'", name, known: renderings.keys)
    }
    var task = self
    task.rendering = name
    // Other words are a prompt to be answered, whatever the task's own are.
    task.layout = nil
    task.inputs = rendering.inputs
    task.targets = rendering.targets ?? targets
    task.dataSet.hash = dataSet.hash.changed(
      "rendering \(name)", "inputs \(task.inputs.text.debugDescription)",
      "targets \(task.targets.text.debugDescription)")
    return task
  }
}
