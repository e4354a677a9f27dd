/// The nouns. Columns: word, plural (`s` and `es` are added, `=` is the same, `0` none), what it is a kind
/// of, German noun with gender and, where it differs from the nominative, the form of accusative and dative.
/// A star marks words that no training split of a task contains: only the corpus tells what they mean.
let nounTable = """
  person       people        -           Person/f
  doctor       s             person      Arzt/m
  surgeon      s             doctor      Chirurg/m/Chirurgen
  *dentist     s             doctor      Zahnarzt/m
  musician     s             person      Musiker/m
  violinist    s             musician    Geiger/m
  pianist      s             musician    Pianist/m/Pianisten
  *drummer     s             musician    Trommler/m
  teacher      s             person      Lehrer/m
  professor    s             teacher     Professor/m
  *tutor       s             teacher     Hauslehrer/m
  writer       s             person      Schriftsteller/m
  poet         s             writer      Dichter/m
  *novelist    s             writer      Romanautor/m
  athlete      s             person      Sportler/m
  boxer        s             athlete     Boxer/m
  *swimmer     s             athlete     Schwimmer/m
  artist       s             person      Künstler/m
  painter      s             artist      Maler/m
  *sculptor    s             artist      Bildhauer/m
  craftsman    craftsmen     person      Handwerker/m
  plumber      s             craftsman   Klempner/m
  carpenter    s             craftsman   Tischler/m
  *potter      s             craftsman   Töpfer/m
  animal       s             -           Tier/n
  dog          s             animal      Hund/m
  poodle       s             dog         Pudel/m
  terrier      s             dog         Terrier/m
  *beagle      s             dog         Beagle/m
  *spaniel     s             dog         Spaniel/m
  cat          s             animal      Katze/f
  tabby        tabbies       cat         Tigerkatze/f
  *siamese     =             cat         Siamkatze/f
  bird         s             animal      Vogel/m
  sparrow      s             bird        Spatz/m/Spatzen
  eagle        s             bird        Adler/m
  owl          s             bird        Eule/f
  *robin       s             bird        Rotkehlchen/n
  *parrot      s             bird        Papagei/m
  horse        s             animal      Pferd/n
  pony         ponies        horse       Pony/n
  mare         s             horse       Stute/f
  *stallion    s             horse       Hengst/m
  insect       s             animal      Insekt/n
  bee          s             insect      Biene/f
  beetle       s             insect      Käfer/m
  *wasp        s             insect      Wespe/f
  fish         =             animal      Fisch/m
  trout        =             fish        Forelle/f
  *carp        =             fish        Karpfen/m
  tool         s             -           Werkzeug/n
  hammer       s             tool        Hammer/m
  saw          s             tool        Säge/f
  drill        s             tool        Bohrer/m
  *chisel      s             tool        Meißel/m
  *axe         s             tool        Axt/f
  vehicle      s             -           Fahrzeug/n
  car          s             vehicle     Auto/n
  bicycle      s             vehicle     Fahrrad/n
  bus          buses         vehicle     Bus/m
  *truck       s             vehicle     Lastwagen/m
  *tractor     s             vehicle     Traktor/m
  instrument   s             -           Instrument/n
  violin       s             instrument  Geige/f
  piano        s             instrument  Klavier/n
  *flute       s             instrument  Flöte/f
  *trumpet     s             instrument  Trompete/f
  fruit        s             -           Frucht/f
  apple        s             fruit       Apfel/m
  pear         s             fruit       Birne/f
  *plum        s             fruit       Pflaume/f
  *cherry      cherries      fruit       Kirsche/f
  vegetable    s             -           Gemüse/n
  carrot       s             vegetable   Karotte/f
  onion        s             vegetable   Zwiebel/f
  *cucumber    s             vegetable   Gurke/f
  dish         es            -           Gericht/n
  soup         s             dish        Suppe/f
  cake         s             dish        Kuchen/m
  *omelette    s             dish        Omelett/n
  drink        s             -           Getränk/n
  tea          0             drink       Tee/m
  coffee       0             drink       Kaffee/m
  *lemonade    0             drink       Limonade/f
  flower       s             -           Blume/f
  rose         s             flower      Rose/f
  tulip        s             flower      Tulpe/f
  *daisy       daisies       flower      Margerite/f
  container    s             -           Behälter/m
  bottle       s             container   Flasche/f
  box          es            container   Kiste/f
  basket       s             container   Korb/m
  *jar         s             container   Krug/m
  *bucket      s             container   Eimer/m
  toy          s             -           Spielzeug/n
  doll         s             toy         Puppe/f
  ball         s             toy         Ball/m
  *kite        s             toy         Drachen/m
  garment      s             -           Kleidungsstück/n
  coat         s             garment     Mantel/m
  shirt        s             garment     Hemd/n
  *scarf       scarves       garment     Schal/m
  *jacket      s             garment     Jacke/f
  ornament     s             -           Schmuckstück/n
  ring         s             ornament    Ring/m
  *necklace    s             ornament    Halskette/f
  *bracelet    s             ornament    Armband/n
  book         s             -           Buch/n
  novel        s             book        Roman/m
  *atlas       es            book        Atlas/m
  *diary       diaries       book        Tagebuch/n
  """

/// The places. Columns: word, preposition, what it lies in, German preposition with article contracted into
/// it, German noun in the dative.
let placeTable = """
  house        in   -         im        Haus
  kitchen      in   house     in_der    Küche
  bedroom      in   house     im        Schlafzimmer
  *cellar      in   house     im        Keller
  *attic       in   house     auf_dem   Dachboden
  school       in   -         in_der    Schule
  classroom    in   school    im        Klassenzimmer
  *gymnasium   in   school    in_der    Turnhalle
  hospital     in   -         im        Krankenhaus
  ward         in   hospital  auf_der   Station
  *laboratory  in   hospital  im        Labor
  farm         on   -         auf_dem   Bauernhof
  stable       in   farm      im        Stall
  *barn        in   farm      in_der    Scheune
  park         in   -         im        Park
  playground   on   park      auf_dem   Spielplatz
  *pavilion    in   park      im        Pavillon
  city         in   -         in_der    Stadt
  market       at   city      auf_dem   Markt
  station      at   city      am        Bahnhof
  *harbour     in   city      im        Hafen
  """
