import Compute

/// What one layer of a model hands on, as `Tape.stateObserver` is told it.
public struct LayerStates {
  /// Where it stands: `embedding`, `3` for the stream after block 3, `0.hidden` and `0.cell` for the parts of a
  /// recurrent layer, `output` for what the final norm of a stack makes of the stream.
  public let place: String
  /// [N, width]; valid until the observer returns.
  public let values: Tensor
  /// Which of the rows are tokens, and of which sequences.
  public let rows: SequenceRows
}

extension Tape {
  /// Runs a layer whose operations show what they compute under its name.
  public func inLayer<Result>(_ name: String, _ body: () -> Result) -> Result {
    let outer = layerPath
    layerPath.append(name)
    defer { layerPath = outer }
    return body()
  }

  /// Tells the observer, if there is one, what a part of a model hands on.
  /// - Parameters:
  ///   - states: [N, width]; not computed unless somebody looks.
  ///   - part: the last word of the place.
  public func show(_ states: @autoclosure () -> Tensor, _ rows: SequenceRows, as part: String) {
    guard let stateObserver else { return }
    stateObserver(
      LayerStates(place: (layerPath + [part]).joined(separator: "."), values: states(), rows: rows))
  }

  /// Runs `body` with an observer of states.
  public func observingStates(_ observer: @escaping (LayerStates) -> Void, _ body: () -> Void) {
    stateObserver = observer
    defer { stateObserver = nil }
    body()
  }
}
