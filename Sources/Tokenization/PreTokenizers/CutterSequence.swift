/// Several cutters, one after the other.
struct CutterSequence: WordCutter {
  var steps: [any WordCutter]

  func cut(_ text: inout WordList, isStart: Bool) {
    for step in steps { step.cut(&text, isStart: isStart) }
  }
}
