/// The closed classes that Breaking NLI has categories for. The words are everyday ones.
enum WordClasses {
  static let colors = WordClass(
    category: "colors", place: .modifier,
    groups: [
      ["red"], ["blue"], ["green"], ["yellow"], ["black"], ["white"], ["brown"], ["pink"], ["orange"],
      ["purple", "violet"], ["gray", "grey"], ["beige"], ["turquoise"],
    ],
    related: [["blue", "turquoise"], ["green", "turquoise"], ["brown", "beige"]],
    notBefore: persons.union(["tea", "wine", "wines", "belt", "board", "light", "juice", "market", "ice"]))

  static let countries = WordClass(
    category: "countries", place: .name,
    groups: [
      "Argentina", "Australia", "Austria", "Belgium", "Brazil", "Canada", "Chile", "China", "Colombia", "Cuba",
      "Denmark", "Egypt", "Finland", "France", "Germany", "Ghana", "Greece", "Hungary", "India", "Indonesia",
      "Iran", "Iraq", "Ireland", "Israel", "Italy", "Japan", "Kenya", "Mexico", "Morocco", "Nepal", "Nigeria",
      "Norway", "Pakistan", "Peru", "Poland", "Portugal", "Russia", "Spain", "Sweden", "Switzerland",
      "Thailand", "Turkey", "Ukraine", "Uganda", "Vietnam", "Zambia",
    ].map { [$0] })

  static let nationalities = WordClass(
    category: "nationalities", place: .capitalizedModifier,
    groups: [
      "Argentinian", "Australian", "Austrian", "Belgian", "Brazilian", "British", "Canadian", "Chilean",
      "Chinese", "Cuban", "Danish", "Dutch", "Egyptian", "Ethiopian", "Finnish", "French", "German", "Greek",
      "Hungarian", "Indian", "Iranian", "Irish", "Israeli", "Italian", "Japanese", "Kenyan", "Korean",
      "Mexican", "Moroccan", "Nigerian", "Norwegian", "Pakistani", "Peruvian", "Polish", "Portuguese",
      "Russian", "Spanish", "Swedish", "Swiss", "Thai", "Turkish", "Ukrainian", "Vietnamese", "American",
    ].map { [$0] },
    notBefore: [
      "fries", "toast", "football", "bulldog", "bulldogs", "shepherd", "shepherds", "flag", "flags", "horn",
      "cheese", "braid", "braids", "language", "press", "door", "doors", "terrier", "setter", "wolfhound",
    ])

  static let drinks = WordClass(
    category: "drinks", place: .mass,
    groups: [
      ["beer"], ["wine"], ["coffee"], ["tea"], ["milk"], ["juice"], ["lemonade"], ["whiskey", "whisky"],
      ["vodka"], ["rum"], ["gin"], ["champagne"], ["cider"], ["cola", "coke"], ["soda"],
      ["cocoa", "hot chocolate"], ["tequila"], ["brandy"], ["water"], ["orange juice"], ["apple juice"],
    ],
    general: ["beverage"],
    related: [
      ["wine", "champagne"], ["cola", "soda"], ["coke", "soda"], ["juice", "orange juice", "apple juice"],
      ["milk", "cocoa", "hot chocolate"], ["juice", "lemonade"], ["soda", "lemonade"], ["wine", "brandy"],
      ["wine", "cider"], ["water", "soda"],
    ])

  static let materials = WordClass(
    category: "materials", place: .modifier,
    groups: [
      ["wooden", "wood"], ["metal"], ["plastic"], ["glass"], ["paper"], ["leather"], ["cotton"], ["silk"],
      ["wool", "woolen"], ["stone"], ["brick"], ["concrete"], ["rubber"], ["steel"], ["iron"], ["gold"],
      ["silver"], ["bronze"], ["copper"], ["marble"], ["cardboard"], ["clay"],
    ],
    related: [
      ["metal", "steel", "iron", "gold", "silver", "bronze", "copper"], ["steel", "iron"],
      ["bronze", "copper"], ["stone", "marble"], ["stone", "brick"], ["stone", "concrete"],
      ["brick", "clay"], ["paper", "cardboard"],
    ],
    notBefore: ["medal", "medals", "band", "player", "detector", "worker", "workers"])

  static let rooms = WordClass(
    category: "rooms", place: .noun,
    groups: [
      ["kitchen"], ["bathroom"], ["bedroom"], ["living room", "lounge"], ["dining room"], ["garage"],
      ["basement", "cellar"], ["attic", "loft"], ["hallway", "corridor"], ["office"], ["classroom"],
      ["library"], ["laundry room"], ["nursery"], ["ballroom"], ["gym"],
    ],
    general: ["room"],
    related: [["garage", "room"], ["hallway", "room"], ["corridor", "room"], ["gym", "room"], ["library", "room"]])

  static let vegetables = WordClass(
    category: "vegetables", place: .noun,
    groups: [
      ["carrot"], ["potato"], ["tomato"], ["onion"], ["cabbage"], ["cucumber"], ["eggplant", "aubergine"],
      ["zucchini", "courgette"], ["pumpkin"], ["radish"], ["pea"], ["bean"], ["leek"], ["turnip"],
      ["mushroom"], ["beet", "beetroot"], ["cauliflower"], ["pepper"],
    ],
    general: ["vegetable"], related: [["tomato", "vegetable"], ["mushroom", "vegetable"]])

  static let instruments = WordClass(
    category: "instruments", place: .noun,
    groups: [
      ["guitar"], ["piano"], ["drum"], ["violin", "fiddle"], ["flute"], ["trumpet"], ["saxophone", "sax"],
      ["cello"], ["harp"], ["clarinet"], ["trombone"], ["accordion"], ["banjo"], ["tuba"], ["ukulele"],
      ["harmonica"], ["xylophone"], ["tambourine"], ["keyboard"],
    ],
    general: ["musical instrument", "instrument"], related: [["piano", "keyboard"]])

  static let planets = WordClass(
    category: "planets", place: .name,
    groups: ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"].map { [$0] })

  static let ordinals = WordClass(
    category: "ordinals", place: .modifier,
    groups: [
      ["first", "1st"], ["second", "2nd"], ["third", "3rd"], ["fourth", "4th"], ["fifth", "5th"],
      ["sixth", "6th"], ["seventh", "7th"], ["eighth", "8th"], ["ninth", "9th"], ["tenth", "10th"],
    ],
    notBefore: ["aid", "hand", "lady", "class", "person", "base", "degree"])

  /// Words of one pole, then those of the other, pair by pair.
  static let antonyms = WordClass(
    category: "antonyms", place: .anywhere,
    groups: AttributeWords.scales.flatMap { [$0.low, $0.high] } + [
      ["indoors", "inside"], ["outdoors", "outside"], ["upstairs"], ["downstairs"], ["alone"], ["together"],
      ["asleep", "sleeping"], ["awake"], ["boy"], ["girl"], ["boys"], ["girls"], ["man"], ["woman"], ["men"],
      ["women"], ["father"], ["mother"], ["brother"], ["sister"], ["son"], ["daughter"], ["husband"], ["wife"],
      ["king"], ["queen"], ["male"], ["female"], ["summer"], ["winter"], ["day"], ["night"], ["morning"],
      ["evening"], ["sitting"], ["standing"], ["laughing"], ["crying"], ["smiling"], ["frowning"],
      ["entering"], ["leaving"], ["pushing"], ["pulling"], ["buying"], ["selling"], ["ascending"],
      ["descending"], ["slowly"], ["quickly", "rapidly"], ["quietly", "silently"], ["loudly"], ["daytime"],
      ["nighttime"],
    ], notBefore: ["of"], isPaired: true, exchangesSame: false)

  static let synonyms = WordClass(
    category: "synonyms", place: .anywhere,
    groups: AttributeWords.synonyms + [
      ["couch", "sofa"], ["bicycle", "bike"], ["bicycles", "bikes"], ["car", "automobile"],
      ["photo", "photograph"], ["photos", "photographs"], ["kid", "child"], ["kids", "children"],
      ["mom", "mother"], ["dad", "father"], ["shop", "store"], ["rock", "stone"], ["rocks", "stones"],
      ["infant", "baby"], ["television", "tv"], ["pants", "trousers"], ["sidewalk", "pavement"],
      ["airplane", "plane"], ["doctor", "physician"], ["cop", "policeman"], ["rug", "carpet"],
      ["garbage", "trash"], ["movie", "film"], ["puppy", "pup"], ["motorcycle", "motorbike"],
      ["jumping", "leaping"], ["speaking", "talking"], ["quickly", "rapidly"], ["quietly", "silently"],
      ["woods", "forest"], ["ocean", "sea"], ["ill", "sick"], ["crowd", "throng"],
      ["taxi", "cab"], ["beverage", "drink"], ["physicians", "doctors"], ["sunglasses", "shades"],
      ["hiking", "trekking"], ["starting", "beginning"],
    ], excludes: false)

  /// Nouns for people in the singular and plural.
  static let persons: Set<String> = [
    "man", "men", "woman", "women", "boy", "boys", "girl", "girls", "child", "children", "kid", "kids",
    "person", "people", "lady", "ladies", "gentleman", "gentlemen", "guy", "guys", "couple", "baby", "babies",
    "toddler", "male", "female", "males", "females", "adult", "adults", "players", "player", "student",
    "students", "worker", "workers", "teenager", "teenagers", "mother", "father", "husband", "wife", "son", "daughter",
    "brother", "sister", "brothers", "sisters", "bride", "groom", "soldier", "soldiers", "musician", "musicians",
    "singer", "dancer", "dancers", "artist", "athlete", "chef", "farmer", "teacher", "vendor", "lifeguard",
  ]
}
