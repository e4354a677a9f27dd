/// The words of the world and what they denote, read once from the tables beside this file.
struct Lexicon: Sendable {
  let nouns: [Noun]
  let adjectives: [Adjective]
  let places: [Place]
  let clauseVerbs: [ClauseVerb]
  let claimVerbs: [String: ClaimVerb]

  /// Kinds of people, of animals and of things.
  let kinds: [String: Domain]
  let qualities: [String: Domain]
  let location: Domain
  let activity: Domain
  let attitude: Domain
  let transfer: Domain

  let sentimentAdjectives: [SentimentWord]
  let sentimentVerbs: [SentimentWord]
  let sentimentNouns: [SentimentWord]
  let reviewSubjects: [(whole: String, parts: [String])]

  /// Everything a training split does without.
  let heldOutWords: Set<String>

  let scales: [String]
  private let nounByWord: [String: Noun]
  private let adjectiveByWord: [String: Adjective]
  private let placeByWord: [String: Place]

  static let shared = Lexicon()

  func noun(_ word: String) -> Noun? { nounByWord[word] }
  func adjective(_ word: String) -> Adjective? { adjectiveByWord[word] }
  func place(_ word: String) -> Place? { placeByWord[word] }
  func nouns(ofSorts sorts: Set<String>) -> [Noun] { nouns.filter { sorts.contains($0.sort) } }

  /// Names for several sorts at once, as the tables use them.
  static let things: Set<String> = [
    "tool", "vehicle", "instrument", "fruit", "vegetable", "dish", "flower", "container", "toy", "garment",
    "ornament", "book",
  ]

  private static func sorts(_ text: Substring) -> Set<String> {
    var result: Set<String> = []
    for name in text.split(separator: ",") {
      switch name {
      case "living": result.formUnion(["person", "animal"])
      case "thing": result.formUnion(things)
      case "food": result.formUnion(["fruit", "vegetable", "dish"])
      case "eatable": result.formUnion(["dish", "drink"])
      default: result.insert(String(name))
      }
    }
    return result
  }

  private static func rows(_ table: String, columns: Int) -> [(cells: [Substring], isHeldOut: Bool)] {
    table.split(separator: "\n").map { line in
      var cells = line.split(separator: " ")
      let isHeldOut = cells.first?.first == "*"
      if isHeldOut, let word = cells.first { cells[0] = word.dropFirst() }
      precondition(columns == 0 || cells.count == columns, "word table: '\(line)' is not \(columns) columns")
      return (cells, isHeldOut)
    }
  }

  private static func interval(_ text: Substring) -> ValueSet {
    let ends = text.split(separator: "-").compactMap { Int($0) }
    precondition(ends.count == 2 && ends[0] <= ends[1], "word table: '\(text)' is no interval")
    return ValueSet(ends[0]...ends[1])
  }

  private static func optional(_ text: Substring) -> String? { text == "-" ? nil : String(text) }

  private init() {
    nouns = Self.readNouns()
    nounByWord = Dictionary(nouns.map { ($0.word, $0) }) { first, _ in first }
    let (adjectives, qualities) = Self.readAdjectives()
    self.adjectives = adjectives
    self.qualities = qualities
    adjectiveByWord = Dictionary(adjectives.map { ($0.word, $0) }) { first, _ in first }
    scales = qualities.keys.filter { $0 != "colour" }.sorted()

    places = Self.rows(placeTable, columns: 5).map { cells, isHeldOut in
      let article = cells[3].split(separator: "_").joined(separator: " ")
      return Place(
        word: String(cells[0]), preposition: String(cells[1]), parent: Self.optional(cells[2]),
        german: "\(article) \(cells[4])", isHeldOut: isHeldOut)
    }
    placeByWord = Dictionary(places.map { ($0.word, $0) }) { first, _ in first }
    location = .hierarchy(places.map { ($0.word, $0.parent, false, $0.isHeldOut) })

    var kinds: [String: Domain] = [:]
    for (name, sorts) in [("person", ["person"]), ("animal", ["animal"]), ("thing", Self.things)] {
      let members = nouns.filter { sorts.contains($0.sort) }
      kinds[name] = .hierarchy(members.map { ($0.word, $0.parent, false, $0.isHeldOut) })
    }
    self.kinds = kinds

    activity = .hierarchy(
      Self.rows(activityTable, columns: 2).map { cells, isHeldOut in
        let isSynonym = cells[1].first == "="
        let parent = Self.optional(isSynonym ? cells[1].dropFirst() : cells[1])
        return (String(cells[0]), parent, isSynonym, isHeldOut)
      })

    var claimVerbs: [String: ClaimVerb] = [:]
    var attitudes: [Sense] = []
    for (cells, isHeldOut) in Self.rows(attitudeTable, columns: 3) {
      let form = String(cells[0])
      claimVerbs[form] = ClaimVerb(form: form, base: String(cells[1]), takes: false, preposition: "")
      attitudes.append(Sense(word: form, values: Self.interval(cells[2]), isHeldOut: isHeldOut))
    }
    attitude = Domain(count: 5, senses: attitudes)
    var transfers: [Sense] = []
    for (cells, isHeldOut) in Self.rows(transferTable, columns: 5) {
      let form = String(cells[0])
      claimVerbs[form] = ClaimVerb(
        form: form, base: String(cells[1]), takes: cells[3] == "takes", preposition: String(cells[4]))
      let values = Int(cells[2]).map { ValueSet([$0]) } ?? ValueSet(0..<3)
      transfers.append(Sense(word: form, values: values, isHeldOut: isHeldOut))
    }
    transfer = Domain(count: 3, senses: transfers)
    self.claimVerbs = claimVerbs

    clauseVerbs = Self.readClauseVerbs()
    sentimentAdjectives = Self.readSentiment(sentimentAdjectiveTable)
    sentimentVerbs = Self.readSentiment(sentimentVerbTable)
    sentimentNouns = Self.readSentiment(sentimentNounTable)
    reviewSubjects = Self.rows(reviewSubjectTable, columns: 0).map { cells, _ in
      (String(cells[0]), cells.dropFirst().map(String.init))
    }

    var heldOut: Set<String> = []
    for noun in nouns where noun.isHeldOut { heldOut.formUnion([noun.word, noun.plural ?? noun.word]) }
    for adjective in adjectives where adjective.isHeldOut {
      heldOut.formUnion([adjective.word, adjective.comparative ?? adjective.word])
    }
    for place in places where place.isHeldOut { heldOut.insert(place.word) }
    for sense in activity.senses + attitude.senses + transfer.senses where sense.isHeldOut {
      heldOut.insert(sense.word)
      if let verb = claimVerbs[sense.word] { heldOut.insert(verb.base) }
    }
    for verb in clauseVerbs where verb.isHeldOut {
      heldOut.formUnion([verb.thirdPerson, verb.base, verb.past])
    }
    for word in sentimentAdjectives + sentimentVerbs + sentimentNouns where word.isHeldOut {
      heldOut.formUnion([word.word, word.base])
    }
    heldOutWords = heldOut
  }

  private static func readNouns() -> [Noun] {
    var sort: [String: String] = [:]
    return rows(nounTable, columns: 4).map { cells, isHeldOut in
      let word = String(cells[0])
      let parent = optional(cells[2])
      sort[word] = parent.flatMap { sort[$0] } ?? word
      let plural: String? =
        switch cells[1] {
        case "0": nil
        case "=": word
        case "s", "es": word + cells[1]
        default: String(cells[1])
        }
      let german = cells[3].split(separator: "/").map(String.init)
      guard german.count >= 2, let gender = Gender(rawValue: german[1]) else {
        preconditionFailure("word table: '\(cells[3])' is no German noun with gender")
      }
      return Noun(
        word: word, plural: plural, parent: parent, sort: sort[word] ?? word,
        german: GermanNoun(
          word: german[0], gender: gender, oblique: german.count > 2 ? german[2] : german[0]),
        isHeldOut: isHeldOut)
    }
  }

  private static func readAdjectives() -> ([Adjective], [String: Domain]) {
    var adjectives: [Adjective] = []
    var qualities: [String: Domain] = [:]
    func german(_ text: Substring) -> (stem: String, predicative: String)? {
      let forms = text.split(separator: "/").map(String.init)
      guard text != "-", let first = forms.first, let last = forms.last else { return nil }
      return (stem: last, predicative: first)
    }
    for (cells, isHeldOut) in rows(adjectiveTable, columns: 6) {
      let word = String(cells[0])
      let scale = String(cells[2])
      adjectives.append(
        Adjective(
          word: word, comparative: optional(cells[1]), scale: scale, sorts: sorts(cells[4]),
          german: german(cells[5]), isHeldOut: isHeldOut))
      qualities[scale, default: Domain(count: 5, senses: [])].senses.append(
        Sense(word: word, values: interval(cells[3]), isHeldOut: isHeldOut))
    }
    let colours = rows(colourTable, columns: 3)
    for (cells, isHeldOut) in colours {
      adjectives.append(
        Adjective(
          word: String(cells[0]), comparative: nil, scale: "colour",
          sorts: ["garment", "vehicle", "container", "toy", "flower", "ornament", "book"],
          german: german(cells[2]), isHeldOut: isHeldOut))
    }
    qualities["colour"] = .hierarchy(
      colours.map { (String($0.cells[0]), optional($0.cells[1]), false, $0.isHeldOut) })
    return (adjectives, qualities)
  }

  private static func readClauseVerbs() -> [ClauseVerb] {
    let plain = rows(clauseVerbTable, columns: 9).map { cells, isHeldOut in
      ClauseVerb(
        thirdPerson: String(cells[0]), base: String(cells[1]), past: String(cells[2]),
        subjects: sorts(cells[3]), objects: cells[4] == "-" ? [] : sorts(cells[4]), isHanding: false,
        germanThirdPerson: String(cells[5]), germanInfinitive: String(cells[6]),
        germanParticiple: String(cells[7]), germanAuxiliary: String(cells[8]), isHeldOut: isHeldOut)
    }
    let handing = rows(handingVerbTable, columns: 6).map { cells, isHeldOut in
      ClauseVerb(
        thirdPerson: String(cells[0]), base: String(cells[1]), past: String(cells[2]),
        subjects: ["person"], objects: things, isHanding: true, germanThirdPerson: String(cells[3]),
        germanInfinitive: String(cells[4]), germanParticiple: String(cells[5]), germanAuxiliary: "hat",
        isHeldOut: isHeldOut)
    }
    return plain + handing
  }

  private static func readSentiment(_ table: String) -> [SentimentWord] {
    rows(table, columns: 0).map { cells, isHeldOut in
      precondition(cells.count >= 2, "word table: '\(cells)' lacks its polarity")
      return SentimentWord(
        word: String(cells[0]), base: String(cells[cells.count - 2]), isPositive: cells.last == "+",
        isHeldOut: isHeldOut)
    }
  }
}
