import Support

/// The work of `CorpusScreening.screen`.
struct ScreeningSearch {
  /// Documents that wait for the threads have no more bytes together, unless one alone has.
  private static let batchBytes = 16 << 20
  /// Runs in more documents than this are common phrases (Brown et al. 2020, appendix C).
  static let mostDocuments = 10
  /// Examples in the report: duplicates, and contaminations of each evaluation.
  private static let shownDuplicates = 50
  private static let shownContaminations = 10
  private static let shownCharacters = 200

  private struct Waiting {
    var place: DocumentPlace
    var text: [UInt8]
  }

  private struct Looked {
    var sketch: DocumentSketch?
    var found: ContaminationFinder.Found?
  }

  private struct Touched {
    var place: DocumentPlace
    var bytes: Int
    var found: ContaminationFinder.Found
    /// Of the lines touched, how they begin.
    var beginnings: [Int: String]
  }

  private let files: [[String]]
  private let reading: CorpusOptions
  private let options: ScreeningOptions
  private let threads: Int
  private var finder: DuplicateFinder?
  private let contamination: ContaminationFinder?
  private var report: ScreeningReport
  private var selections: [[DocumentSelection]]
  private var waiting: [Waiting] = []
  private var waitingBytes = 0
  private var touched: [Touched] = []
  /// In how many documents each run was found; those that are common by now are no longer noted.
  private var documentCounts: [Int: Int] = [:]

  init(
    names: [String], files: [[String]], _ reading: CorpusOptions, _ options: ScreeningOptions, threads: Int
  ) {
    (self.files, self.reading, self.options, self.threads) = (files, reading, options, threads)
    finder = options.deduplication.map(DuplicateFinder.init)
    contamination = options.evaluations.isEmpty ? nil : ContaminationFinder(options.evaluations)
    selections = files.map { [DocumentSelection](repeating: DocumentSelection(), count: $0.count) }
    report = ScreeningReport(
      deduplication: options.deduplication,
      contaminatedPart: options.evaluations.isEmpty ? nil : options.contaminated,
      sources: names.map { ScreeningReport.Source(path: $0) },
      evaluations: options.evaluations.map {
        ScreeningReport.Evaluation(
          name: $0.name, examples: $0.examples.count, documents: [Int](repeating: 0, count: names.count))
      })
  }

  mutating func run(_ progress: (String) -> Void) throws(GraftError) {
    for source in files.indices {
      // As the shards of a source are made: rules that remember lines do so within it.
      var documents = CorpusDocuments(reading)
      for (file, path) in files[source].enumerated() {
        progress(path)
        let reader = try documents.reader(path, isWhole: true)
        try documents.forEachPiece(of: reader, nil) { (piece) throws(GraftError) in
          add(
            Waiting(
              place: DocumentPlace(source: source, file: file, document: piece.document), text: Array(piece.bytes)))
        }
      }
    }
    look()
    decideContaminations()
  }

  func result() -> CorpusScreening { CorpusScreening(report: report, selections: selections) }

  private mutating func add(_ document: Waiting) {
    waiting.append(document)
    waitingBytes += document.text.count
    if waitingBytes >= Self.batchBytes { look() }
  }

  /// Sketches and searches what waits on all threads, then decides in the documents' order.
  private mutating func look() {
    let (batch, contamination) = (waiting, contamination)
    let isNear = options.deduplication?.kind == .near
    let sketches = finder != nil
    let looked = [Looked](unsafeUninitializedCapacity: batch.count) { results, count in
      // Every place is written by the one thread that has its number.
      nonisolated(unsafe) let results = results
      deal(batch.count, to: threads) { next in
        while let number = next() {
          batch[number].text.withUnsafeBytes { text in
            results.initializeElement(
              at: number,
              to: Looked(
                sketch: sketches ? DocumentSketch(text, isNear: isNear) : nil, found: contamination?.search(text)))
          }
        }
      }
      count = batch.count
    }
    for (document, looked) in zip(batch, looked) { decide(document, looked) }
    waiting.removeAll(keepingCapacity: true)
    waitingBytes = 0
  }

  private mutating func decide(_ document: Waiting, _ looked: Looked) {
    let (place, bytes) = (document.place, document.text.count)
    let size = ScreeningReport.Removed(documents: 1, bytes: bytes)
    report.sources[place.source].read += size
    if let sketch = looked.sketch, let original = finder?.original(of: sketch, at: place) {
      selections[place.source][place.file].dropped.insert(place.document)
      if original.isExact {
        report.sources[place.source].exactDuplicates += size
      } else {
        report.sources[place.source].nearDuplicates += size
      }
      note(document, original)
      return
    }
    guard let found = looked.found else { return }
    var kept = found
    for slot in Set(found.matches.map(\.slot)) { documentCounts[slot, default: 0] += 1 }
    kept.matches.removeAll { documentCounts[$0.slot, default: 0] > Self.mostDocuments }
    guard !kept.matches.isEmpty else { return }
    let lines = document.text.split(separator: 0x0A, omittingEmptySubsequences: false)
    var beginnings: [Int: String] = [:]
    for match in kept.matches where beginnings[match.firstLine] == nil {
      beginnings[match.firstLine] = Self.beginning(of: lines[match.firstLine])
    }
    touched.append(Touched(place: place, bytes: bytes, found: kept, beginnings: beginnings))
  }

  private mutating func note(_ document: Waiting, _ original: DuplicateFinder.Original) {
    guard report.duplicates.count < Self.shownDuplicates else { return }
    report.duplicates.append(
      ScreeningReport.Duplicate(
        file: files[document.place.source][document.place.file], document: document.place.document + 1,
        originalFile: files[original.place.source][original.place.file],
        originalDocument: original.place.document + 1, similarity: original.similarity,
        text: Self.beginning(of: document.text[...])))
  }

  private static func beginning(of text: ArraySlice<UInt8>) -> String {
    let start = String(decoding: text.prefix(4 * shownCharacters), as: UTF8.self)
    return String(start.prefix(shownCharacters))
  }

  // MARK: Contamination, once it is known which runs are common

  private mutating func decideContaminations() {
    guard let contamination else { return }
    report.commonRuns = documentCounts.count { $0.value > Self.mostDocuments }
    let wanted = Set(documentCounts.filter { $0.value <= Self.mostDocuments }.keys)
    let owners = contamination.owners(of: wanted)
    var examples = [Set<Int>](repeating: [], count: options.evaluations.count)
    var shown = [Int](repeating: 0, count: options.evaluations.count)
    for document in touched {
      let matches = document.found.matches.filter { wanted.contains($0.slot) }
      guard !matches.isEmpty else { continue }
      var sets: Set<Int> = []
      for match in matches {
        for owner in owners[match.slot] ?? [] {
          examples[owner.set].insert(owner.example)
          guard sets.insert(owner.set).inserted, shown[owner.set] < Self.shownContaminations else { continue }
          shown[owner.set] += 1
          report.contaminations.append(
            ScreeningReport.Contamination(
              evaluation: options.evaluations[owner.set].name, example: owner.example + 1,
              file: files[document.place.source][document.place.file], document: document.place.document + 1,
              line: match.firstLine + 1, text: document.beginnings[match.firstLine] ?? ""))
        }
      }
      for set in sets { report.evaluations[set].documents[document.place.source] += 1 }
      takeOut(document, Set(matches.flatMap { $0.firstLine...$0.lastLine }))
    }
    for set in examples.indices { report.evaluations[set].found = examples[set].count }
  }

  private mutating func takeOut(_ document: Touched, _ lines: Set<Int>) {
    let place = document.place
    let size = ScreeningReport.Removed(documents: 1, bytes: document.bytes)
    report.sources[place.source].contaminated += size
    // Lines between the first and last word may be blank.
    let filled = lines.filter { (document.found.lineBytes[$0] ?? 0) > 1 }
    let isWhole = filled.count >= document.found.lineCount
    switch options.contaminated {
    case .none: return
    case .lines where !isWhole:
      selections[place.source][place.file].droppedLines[place.document] = lines.sorted()
      report.sources[place.source].linesRemoved += filled.count
      report.sources[place.source].lineBytesRemoved += lines.reduce(0) { $0 + (document.found.lineBytes[$1] ?? 0) }
    case .lines, .documents:
      selections[place.source][place.file].dropped.insert(place.document)
      report.sources[place.source].contaminatedRemoved += size
    }
  }
}
