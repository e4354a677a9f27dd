/// Scales have five values, 0 … 4; an adjective denotes an interval of them, so that huge implies big and the
/// middle is neither big nor small. Columns: word, comparative (`-` for none), scale, interval, what it can
/// be said of, German stem. A star marks words that no training split of a task contains.
///
/// Sorts: `living` is person and animal, `thing` everything that can be handed over.
let adjectiveTable = """
  big          bigger       size         3-4  animal,thing     groß
  large        larger       size         3-4  animal,thing     -
  huge         -            size         4-4  animal,thing     riesig
  *enormous    -            size         4-4  animal,thing     -
  *gigantic    -            size         4-4  animal,thing     gigantisch
  small        smaller      size         0-1  animal,thing     klein
  little       -            size         0-1  animal,thing     -
  tiny         tinier       size         0-0  animal,thing     winzig
  *minuscule   -            size         0-0  animal,thing     -
  hot          hotter       temperature  3-4  eatable          heiß
  boiling      -            temperature  4-4  eatable          -
  *scalding    -            temperature  4-4  eatable          -
  cold         colder       temperature  0-1  eatable          kalt
  chilly       chillier     temperature  0-1  eatable          -
  *icy         icier        temperature  0-0  eatable          eisig
  freezing     -            temperature  0-0  eatable          -
  fast         faster       speed        3-4  living,vehicle   schnell
  quick        quicker      speed        3-4  living,vehicle   -
  *rapid       -            speed        3-4  living,vehicle   -
  slow         slower       speed        0-1  living,vehicle   langsam
  *sluggish    -            speed        0-1  living,vehicle   -
  old          older        age          3-4  living,thing     alt
  *aged        -            age          3-4  living           -
  ancient      -            age          4-4  thing            uralt
  young        younger      age          0-1  living           jung
  *youthful    -            age          0-1  living           -
  new          newer        age          0-1  thing            neu
  happy        happier      mood         3-4  living           glücklich
  cheerful     -            mood         3-4  living           fröhlich
  *glad        -            mood         3-4  living           froh
  ecstatic     -            mood         4-4  living           -
  *overjoyed   -            mood         4-4  living           -
  sad          sadder       mood         0-1  living           traurig
  unhappy      unhappier    mood         0-1  living           unglücklich
  *gloomy      gloomier     mood         0-1  living           -
  miserable    -            mood         0-0  living           -
  *heartbroken -            mood         0-0  living           -
  rich         richer       wealth       3-4  person           reich
  wealthy      wealthier    wealth       3-4  person           wohlhabend
  *prosperous  -            wealth       3-4  person           -
  needy        needier      wealth       0-1  person           arm
  *penniless   -            wealth       0-0  person           -
  wet          wetter       wetness      3-4  animal,garment,toy,book  nass
  soaked       -            wetness      4-4  animal,garment,toy,book  -
  *drenched    -            wetness      4-4  animal,garment,toy,book  -
  dry          drier        wetness      0-1  animal,garment,toy,book  trocken
  *parched     -            wetness      0-0  animal,garment,toy,book  -
  clean        cleaner      cleanliness  3-4  animal,garment,container,vehicle,tool,toy  sauber
  spotless     -            cleanliness  4-4  animal,garment,container,vehicle,tool,toy  -
  *immaculate  -            cleanliness  4-4  animal,garment,container,vehicle,tool,toy  -
  dirty        dirtier      cleanliness  0-1  animal,garment,container,vehicle,tool,toy  schmutzig
  filthy       filthier     cleanliness  0-0  animal,garment,container,vehicle,tool,toy  -
  *grimy       grimier      cleanliness  0-1  animal,garment,container,vehicle,tool,toy  -
  heavy        heavier      weight       3-4  thing            schwer
  *weighty     weightier    weight       3-4  thing            -
  light        lighter      weight       0-1  thing            leicht
  *weightless  -            weight       0-0  thing            -
  expensive    -            price        3-4  thing            teuer/teur
  costly       costlier     price        3-4  thing            kostspielig
  *priceless   -            price        4-4  thing            -
  cheap        cheaper      price        0-1  thing            billig
  inexpensive  -            price        0-1  thing            -
  *affordable  -            price        0-1  thing            -
  strong       stronger     strength     3-4  living           stark
  powerful     -            strength     3-4  living           kräftig
  *mighty      mightier     strength     4-4  living           -
  weak         weaker       strength     0-1  living           schwach
  *feeble      feebler      strength     0-0  living           -
  brave        braver       courage      3-4  living           mutig
  courageous   -            courage      3-4  living           -
  *fearless    -            courage      4-4  living           furchtlos
  cowardly     -            courage      0-1  living           feige/feig
  *timid       -            courage      0-1  living           -
  clever       cleverer     wit          3-4  living           klug
  smart        smarter      wit          3-4  living           -
  *ingenious   -            wit          4-4  living           -
  stupid       -            wit          0-1  living           dumm
  foolish      -            wit          0-1  living           töricht
  *dense       denser       wit          0-0  living           -
  loud         louder       loudness     3-4  animal,vehicle,instrument  laut
  noisy        noisier      loudness     3-4  animal,vehicle,instrument  -
  *deafening   -            loudness     4-4  vehicle,instrument  -
  quiet        quieter      loudness     0-1  animal,vehicle,instrument  leise
  silent       -            loudness     0-0  animal,vehicle,instrument  -
  *hushed      -            loudness     0-1  animal,vehicle,instrument  -
  full         fuller       fullness     3-4  container        voll
  *packed      -            fullness     4-4  container        -
  empty        emptier      fullness     0-1  container        leer
  *hollow      hollower     fullness     0-1  container        -
  hungry       hungrier     hunger       3-4  living           hungrig
  starving     -            hunger       4-4  living           -
  *famished    -            hunger       4-4  living           -
  fed          -            hunger       0-1  living           satt
  *sated       -            hunger       0-1  living           -
  tired        -            tiredness    3-4  living           müde
  weary        wearier      tiredness    3-4  living           -
  exhausted    -            tiredness    4-4  living           erschöpft
  awake        -            tiredness    0-1  living           -
  *rested      -            tiredness    0-1  living           -
  healthy      healthier    health       3-4  living           gesund
  *fit         fitter       health       3-4  living           -
  sick         sicker       health       0-1  living           krank
  ill          -            health       0-1  living           -
  *ailing      -            health       0-1  living           -
  sharp        sharper      sharpness    3-4  tool             scharf
  *keen        keener       sharpness    3-4  tool             -
  blunt        blunter      sharpness    0-1  tool             stumpf
  *dulled      -            sharpness    0-1  tool             -
  kind         kinder       kindness     3-4  person           gütig
  friendly     friendlier   kindness     3-4  person           freundlich
  *caring      -            kindness     3-4  person           -
  unkind       -            kindness     0-1  person           unfreundlich
  cruel        crueller     kindness     0-0  person           grausam
  *heartless   -            kindness     0-0  person           -
  """

/// The colours. Columns: word, what it is a shade of, German stem. They are said of garments, vehicles,
/// containers, toys, flowers, ornaments and books.
let colourTable = """
  red        -       rot
  crimson    red     -
  *scarlet   red     -
  blue       -       blau
  navy       blue    -
  *azure     blue    -
  green      -       grün
  emerald    green   -
  *olive     green   -
  yellow     -       gelb
  *lemon     yellow  -
  white      -       weiß
  *ivory     white   -
  black      -       schwarz
  *jet-black black   -
  brown      -       braun
  *chestnut  brown   -
  grey       -       grau
  """
