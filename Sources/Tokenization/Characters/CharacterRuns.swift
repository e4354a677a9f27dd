// Made by Tests/Fixtures/tokenizer/make_character_classes.py; do not edit.

/// Kinds of characters: a code of two letters for each run of characters of one kind and its length if it is
/// not 1, from U+0000 on; characters without a kind are `--`. Pairs of numbers are a first code point and how
/// many follow each other from there.
enum CharacterRuns {
  /// General categories of Unicode 16; those without one are unassigned.
  static let categories = """
    Cc32ZsPo3ScPo3PsPePoSmPoPdPo2Nd10Po2Sm3Po2Lu26PsPoPeSkPcSkLl26PsSmPeSmCc33ZsPoSc4SoPoSkSoLoPiSmCfSoSkSo\
    SmNo2SkLlPo2SkNoLoPfNo3PoLu23SmLu7Ll24SmLl8LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl\
    LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl2LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl2LuLlLuLlLuLlLuLlLu\
    LlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLu2LlLuLlLuLl3Lu2LlLuLlLu2Ll\
    Lu3Ll2Lu4LlLu2LlLu3Ll3Lu2LlLu2LlLuLlLuLlLu2LlLuLl2LuLlLu2LlLu3LlLuLlLu2Ll2LoLuLl3Lo4LuLtLlLuLtLlLuLtLlLu\
    LlLuLlLuLlLuLlLuLlLuLlLuLlLuLl2LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl2LuLtLlLuLlLu3LlLuLlLuLlLuLlLuLlLuLl\
    LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl7Lu2Ll\
    Lu2Ll2LuLlLu4LlLuLlLuLlLuLlLuLl69LoLl27Lm18Sk4Lm12Sk14Lm5Sk7LmSkLmSk17Mn112LuLlLuLlLmSkLuLl--2LmLl3PoLu\
    --4Sk2LuPoLu3--Lu--Lu2LlLu17--Lu9Ll35LuLl2Lu3Ll3LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl5LuLlSm\
    LuLlLu2Ll2Lu51Ll48LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlSoMn5Me2LuLlLuLlLu\
    LlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLu2Ll\
    LuLlLuLlLuLlLuLlLuLlLuLl2LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLu\
    LlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLu\
    LlLuLlLuLl--Lu38--2LmPo6Ll41PoPd--2So2Sc--Mn45PdMnPoMn2PoMn2PoMn--8Lo27--4Lo4Po2--11Cf6Sm3Po2ScPo2So2\
    Mn11PoCfPo3Lo32LmLo10Mn21Nd10Po4Lo2MnLo99PoLoMn7CfSoMn6Lm2Mn2SoMn4Lo2Nd10Lo3So2LoPo14--CfLoMnLo30Mn27--2\
    Lo89Mn11Lo--14Nd10Lo33Mn9Lm2SoPo3Lm--2MnSc2Lo22Mn4LmMn9LmMn3LmMn5--2Po15--Lo25Mn3--2Po--Lo11--5Lo24SkLo6\
    --Cf2--5Mn9Lo41LmMn24CfMn32McLo54MnMcMnLoMc3Mn8Mc4MnMc2LoMn7Lo10Mn2Po2Nd10PoLmLo15MnMc2--Lo8--2Lo2--2\
    Lo22--Lo7--Lo--3Lo4--2MnLoMc3Mn4--2Mc2--2Mc2MnLo--8Mc--4Lo2--Lo3Mn2--2Nd10Lo2Sc2No6SoScLoPoMn--2Mn2Mc--\
    Lo6--4Lo2--2Lo22--Lo7--Lo2--Lo2--Lo2--2Mn--Mc3Mn2--4Mn2--2Mn3--3Mn--7Lo4--Lo--7Nd10Mn2Lo3MnPo--10Mn2Mc--\
    Lo9--Lo3--Lo22--Lo7--Lo2--Lo5--2MnLoMc3Mn5--Mn2Mc--Mc2Mn--2Lo--15Lo2Mn2--2Nd10PoSc--7LoMn6--MnMc2--Lo8\
    --2Lo2--2Lo22--Lo7--Lo2--Lo5--2MnLoMcMnMcMn4--2Mc2--2Mc2Mn--7Mn2Mc--4Lo2--Lo3Mn2--2Nd10SoLoNo6--10MnLo--\
    Lo6--3Lo3--Lo4--3Lo2--Lo--Lo2--3Lo2--3Lo3--3Lo12--4Mc2MnMc2--3Mc3--Mc3Mn--2Lo--6Mc--14Nd10No3So6ScSo--5\
    MnMc3MnLo8--Lo3--Lo23--Lo16--2MnLoMn3Mc4--Mn3--Mn4--7Mn2--Lo3--2Lo--2Lo2Mn2--2Nd10--7PoNo7SoLoMnMc2PoLo8\
    --Lo3--Lo23--Lo10--Lo5--2MnLoMcMnMc5--MnMc2--Mc2Mn2--7Mc2--6Lo2--Lo2Mn2--2Nd10--Lo2Mc--12Mn2Mc2Lo9--Lo3\
    --Lo41Mn2LoMc3Mn4--Mc3--Mc3MnLoSo--4Lo3McNo7Lo3Mn2--2Nd10No9SoLo6--MnMc2--Lo18--3Lo24--Lo9--Lo--2Lo7--3\
    Mn--4Mc3Mn3--Mn--Mc8--6Nd10--2Mc2Po--12Lo48MnLo2Mn7--4ScLo6LmMn8PoNd10Po2--37Lo2--Lo--Lo5--Lo24--Lo--\
    Lo10MnLo2Mn9Lo--2Lo5--Lm--Mn7--Nd10--2Lo4--32LoSo3Po15SoPoSo3Mn2So6Nd10No10SoMnSoMnSoMnPsPePsPeMc2Lo8--\
    Lo36--4Mn14McMn5PoMn2Lo5Mn11--Mn36--So8MnSo6--So2Po5So4Po2--37Lo43Mc2Mn4McMn6McMn2Mc2Mn2LoNd10Po6Lo6Mc2\
    Mn2Lo4Mn3LoMc3Lo2Mc7Lo3Mn4Lo13MnMc2Mn2Mc6MnLoMcNd10Mc3MnSo2Lu38--Lu--5Lu--2Ll43PoLmLl3Lo329--Lo4--2Lo7--\
    Lo--Lo4--2Lo41--Lo4--2Lo33--Lo4--2Lo7--Lo--Lo4--2Lo15--Lo57--Lo4--2Lo67--2Mn3Po9No20--3Lo16So10--6Lu86\
    --2Ll6--2PdLo620SoPoLo17ZsLo26PsPe--3Lo75Po3Nl3Lo8--7Lo18Mn3Mc--9Lo19Mn2McPo2--9Lo18Mn2--12Lo13--Lo3--\
    Mn2--12Lo52Mn2McMn7Mc8MnMc2Mn11Po3LmPo3ScLoMn--2Nd10--6No10--6Po6PdPo4Mn3CfMnNd10--6Lo35LmLo53--7Lo5Mn2\
    Lo34MnLo--5Lo70--10Lo31--Mn3Mc4Mn2Mc3--4Mc2MnMc6Mn3--4So--3Po2Nd10Lo30--2Lo5--11Lo44--4Lo26--6Nd10No--3\
    So34Lo23Mn2Mc2Mn--2Po2Lo53McMnMcMn7--MnMcMnMc2Mn8Mc6Mn10--2MnNd10--6Nd10--6Po7LmPo6--2Mn14MeMn16--49Mn4\
    McLo47MnMcMn5McMnMc5MnMc2Lo8--Po2Nd10Po7So10Mn9So9Po3Mn2McLo30McMn4Mc2Mn2McMn3Lo2Nd10Lo44MnMcMn2Mc3MnMc\
    Mn3Mc2--8Po4Lo36Mc8Mn8Mc2Mn2--3Po5Nd10--3Lo3Nd10Lo30Lm6Po2Ll9LuLl--5Lu43--2Lu3Po8--8Mn3PoMn13McMn7Lo4Mn\
    Lo6MnLo2McMn2Lo--5Ll44Lm63Ll13LmLl34Lm37Mn64LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl\
    LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl\
    LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl\
    LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl9LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLu\
    LlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLu\
    LlLuLlLuLlLuLlLuLlLuLl9Lu8Ll6--2Lu6--2Ll8Lu8Ll8Lu8Ll6--2Lu6--2Ll8--Lu--Lu--Lu--LuLl8Lu8Ll14--2Ll8Lt8Ll8\
    Lt8Ll8Lt8Ll5--Ll2Lu4LtSkLlSk3Ll3--Ll2Lu4LtSk3Ll4--2Ll2Lu4--Sk3Ll8Lu5Sk3--2Ll3--Ll2Lu4LtSk2--Zs11Cf5Pd6\
    Po2PiPfPsPi2PfPsPiPo8ZlZpCf5ZsPo9PiPfPo4Pc2Po3SmPsPePo11SmPoPcPo10ZsCf5--Cf10NoLm--2No6Sm3PsPeLmNo10Sm3\
    PsPe--Lm13--3Sc33--15Mn13Me4MnMe3Mn12--15So2LuSo4LuSo2LlLu3Ll2Lu3LlSoLuSo2SmLu5So6LuSoLuSoLuSoLu4SoLlLu4\
    LlLo4LlSo2Ll2Lu2Sm5LuLl4SoSmSo2LlSoNo16Nl35LuLlNl4NoSo2--4Sm5So5Sm2So4SmSo2SmSo2SmSo7SmSo31Sm2So2SmSoSm\
    So31Sm268So8PsPePsPeSo20Sm2So7PsPeSo81SmSo30Sm25So40Sm6So72--22So11--21No60So78No22So183SmSo9SmSo54Sm8\
    So111SmSo248PsPePsPePsPePsPePsPePsPePsPeNo30So44Sm5PsPeSm31PsPePsPePsPePsPePsPeSm16So256Sm131PsPePsPePs\
    PePsPePsPePsPePsPePsPePsPePsPePsPeSm63PsPePsPeSm32PsPeSm258So48Sm21So2Sm6So39--2So32--So105Lu48Ll48LuLl\
    Lu3Ll2LuLlLuLlLuLlLu4LlLuLl2LuLl6Lm2Lu3LlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLu\
    LlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLu\
    LlLuLlLuLlLuLlLuLlLuLlLuLlLuLl2So6LuLlLuLlMn3LuLl--5Po4NoPo2Ll38--Ll--5Ll--2Lo56--7LmPo--14MnLo23--9Lo7\
    --Lo7--Lo7--Lo7--Lo7--Lo7--Lo7--Lo7--Mn32Po2PiPfPiPfPo3PiPfPoPiPfPo9PdPo2PdPoPiPfPo2PiPfPsPePsPePsPePsPe\
    Po5LmPo10Pd2Po4PdPoPsPo13So2Po3PsPePsPePsPePsPePd--34So26--So89--12So214--26So16ZsPo3SoLmLoNlPsPePsPePs\
    PePsPePsPeSo2PsPePsPePsPePsPePdPsPe2SoNl9Mn4Mc2PdLm5So2Nl3LmLoPoSo2--Lo86--2Mn2Sk2Lm2LoPdLo90PoLm3Lo--5\
    Lo43--Lo94--So2No4So10Lo32So38--9SoLo16So31--No10So30No8SoNo15So32No10So39No15So320Lo6592So64Lo21013Lm\
    Lo1143--3So55--9Lo40Lm6Po2Lo268LmPo3Lo16Nd10Lo2--20LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl\
    LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLoMnMe3PoMn10PoLmLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLu\
    LlLuLlLuLlLm2Mn2Lo70Nl10Mn2Po6--8Sk23Lm9Sk2LuLlLuLlLuLlLuLlLuLlLuLlLuLl3LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLl\
    LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLmLl8LuLlLu\
    LlLu2LlLuLlLuLlLuLlLuLlLmSk2LuLlLuLlLoLuLlLuLl3LuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLuLlLu5LlLu5LlLuLlLu\
    LlLuLlLuLlLuLlLuLlLuLlLu4LlLuLlLu2Ll--2LuLl--Ll--LlLuLlLuLlLuLlLu--21Lm3LuLlLoLm2LlLo7MnLo3MnLo4MnLo23\
    Mc2Mn2McSo4Mn--3No6So2ScSo--6Lo52Po4--8Mc2Lo50Mc16Mn2--8Po2Nd10--6Mn18Lo6Po3LoPoLo2MnNd10Lo28Mn8Po2Lo23\
    Mn11Mc2--11PoLo29--3Mn3McLo47MnMc2Mn4Mc2Mn2Mc3Po13--LmNd10--4Po2Lo5MnLmLo9Nd10Lo5--Lo41Mn6Mc2Mn2Mc2Mn2\
    --9Lo3MnLo8MnMc--2Nd10--2Po4Lo16LmLo6So3LoMcMnMcLo50MnLoMn3Lo2Mn2Lo5Mn2LoMnLo--24Lo2LmPo2Lo11McMn2Mc2Po2\
    LoLm2McMn--10Lo6--2Lo6--2Lo6--9Lo7--Lo7--Ll43SkLm4Ll9LmSk2--4Ll80Lo35Mc2MnMc2MnMc2PoMcMn--2Nd10--6\
    Lo11172--12Lo23--4Lo49--2052Co6400Lo366--2Lo106--38Ll7--12Ll5--5LoMnLo10SmLo13--Lo5--Lo--Lo2--Lo2--Lo108\
    Sk17--16Lo363PePsSo16Lo64--2Lo54--7So--32Lo12ScSo3Mn16Po7PsPePo--6Mn16PoPd2Pc2PsPePsPePsPePsPePsPePsPePs\
    PePsPePo2PsPePo4Pc3Po3--Po4PdPsPePsPePsPePo3SmPdSm3--PoScPo2--4Lo5--Lo135--2Cf--Po3ScPo3PsPePoSmPoPdPo2\
    Nd10Po2Sm3Po2Lu26PsPoPeSkPcSkLl26PsSmPeSmPsPePoPsPePo2Lo10LmLo45Lm2Lo31--3Lo6--2Lo6--2Lo6--2Lo3--3Sc2Sm\
    SkSoSc2--SoSm4So2--10Cf3So2--2Lo12--Lo26--Lo19--Lo2--Lo15--2Lo14--34Lo123--5Po3--4No45--3So9Nl53No4So17\
    No2So3--So13--3So--47So45Mn--130Lo29--3Lo49--15MnNo27--4Lo32No4--9Lo20NlLo8Nl--5Lo38Mn5--5Lo30--PoLo36\
    --4Lo8PoNl5--42Lu40Ll40Lo78--2Nd10--6Lu36--4Ll36--4Lo40--8Lo52--11PoLu11--Lu15--Lu7--Lu2--Ll11--Ll15--\
    Ll7--Ll2--3Lo52--12Lo311--9Lo22--10Lo8--24Lm6--Lm42--Lm9--69Lo6--2Lo--Lo44--Lo2--3Lo--2Lo23--PoNo8Lo23\
    So2No7Lo31--8No9--48Lo19--Lo2--5No5Lo22No6--3PoLo26--5Po--64Lo56--4No2Lo2No16--2No46LoMn3--Mn2--5Mn4Lo4\
    --Lo3--Lo29--2Mn3--4MnNo9--7Po9--7Lo29No2PoLo29No3--32Lo8SoLo28Mn2--4No5Po7--9Lo54--3Po7Lo22--2No8Lo19\
    --5No8Lo18--7Po4--12No7--80Lo73--55Lu51--13Ll51--7No6Lo36Mn4--8Nd10--6Nd10Lo4LmLoLu22--3Mn5PdLmLl22--8\
    Sm2--208No31--Lo42--Mn2Pd--2Lo2--16Lo3--55Mn4Lo29No10Lo--8Lo22Mn11No4Po5--22Lo18Mn4Po4--38Lo21No7--20\
    Lo23--9McMnMcLo53Mn15Po7--4No20Nd10MnLo2Mn2Lo--9Mn3McLo45Mc3Mn4Mc2Mn2Po2CfPo4Mn--10Cf--2Lo25--7Nd10--6\
    Mn3Lo36Mn5McMn8--Nd10Po4LoMc2Lo--8Lo35MnPo2Lo--9Mn2McLo48Mc3Mn9Mc2Lo4Po4Mn4PoMcMnNd10LoPoLoPo3--No20--11\
    Lo18--Lo25Mc3Mn3Mc2MnMcMn2Po6MnLo2Mn--62Lo7--Lo--Lo4--Lo15--Lo10Po--6Lo47MnMc3Mn8--5Nd10--6Mn2Mc2--Lo8\
    --2Lo2--2Lo22--Lo7--Lo2--Lo5--Mn2LoMc2MnMc4--2Mc2--2Mc3--2Lo--6Mc--5Lo5Mc2--2Mn7--3Mn5--11Lo10--Lo--2Lo\
    --Lo38--LoMc3Mn6--Mc--2Mc--Mc4--Mc2MnMcMnLoMnLoPo2--Po2--8Mn2--29Lo53Mc3Mn8Mc2Mn3McMnLo4Po5Nd10Po2--PoMn\
    Lo3--30Lo48Mc3Mn6McMnMc4Mn2McMn2Lo2PoLo--8Nd10--166Lo47Mc3Mn4--2Mc4Mn2McMn2Po23Lo4Mn2--34Lo48Mc3Mn8Mc2Mn\
    McMn2Po3Lo--11Nd10--6Po13--19Lo43MnMcMnMc2Mn6McMnLoPo--6Nd10--6Nd20--28Lo27--2MnMcMnMc2Mn4McMn5--4Nd10\
    No2Po3SoLo7--185Lo44Mc3Mn9McMn2Po--100Lu32Ll32Nd10No9--12Lo8--2Lo--2Lo8--Lo2--Lo24Mc6--Mc2--2Mn2McMnLoMc\
    LoMcMnPo3--9Nd10--70Lo8--2Lo39Mc3Mn4--2Mn2Mc4MnLoPoLoMc--27LoMn10Lo40Mn6McLoMn4Po8Mn--8LoMn6Mc2Mn3Lo46\
    Mn13McMn2Po3LoPo5--13Lo73--7Po10--182Lo33Po--14Nd10--6Lo9--Lo37McMn7--Mn6McMnLoPo5--10Nd10No19--3Po2Lo30\
    --2Mn22--McMn7McMn2McMn2--73Lo7--Lo2--Lo38Mn6--3Mn--Mn2--Mn7LoMn--8Nd10--6Lo6--Lo2--Lo32Mc5--Mn2--Mc2Mn\
    McMnLo--7Nd10--310Lo19Mn2Mc2Po2--7Mn2LoMcLo13--Lo34Mc2Mn5--3Mc2MnMcMnPo13Nd10Mn--85Lo--15No21So8Sc4So17\
    --13PoLo922--102Nl111--Po5--11Lo196--2636Lo97Po2--13Lo1072Cf16MnLo6Mn15--10Lo3995--5Lo583--6841Lo30Mn12\
    Mc3Mn3Nd10--1734Lo569--7Lo31--Nd10--4Po2Lo79--Nd10--6Lo30--2Mn5Po--10Lo48Mn7Po5So4Lm4PoSo--10Nd10--No7--\
    Lo21--5Lo19--432Lm3Lo40Lm2Po3Nd10--198Lu32Ll32No23Po4--101Lo75--4MnLoMc55--7Mn4Lm13--64Lm2PoLmMn--11Mc2\
    --14Lo6136--8Lo1238--41Lo10--8935Lm4--Lm7--Lm2--Lo291--15Lo--29Lo3--2Lo--14Lo4--8Lo396--2308Lo107--5Lo13\
    --3Lo9--7Lo10--2SoMn2PoCf4--3932So240Nd10--6So436--76Mn46--2Mn23--9So116--60So246--10So39--2So60Mc2Mn3\
    So3Mc6Cf8Mn8So2Mn7So30Mn4So61--21So66Mn3So--122No20--12No20--12So87--9No25--135Lu26Ll26Lu26Ll7--Ll18Lu26\
    Ll26Lu--Lu2--2Lu--2Lu2--2Lu4--Lu8Ll4--Ll--Ll7--Ll11Lu26Ll26Lu2--Lu4--2Lu8--Lu7--Ll26Lu2--Lu4--Lu5--Lu--3\
    Lu7--Ll26Lu26Ll26Lu26Ll26Lu26Ll26Lu26Ll26Lu26Ll26Lu26Ll28--2Lu25SmLl25SmLl6Lu25SmLl25SmLl6Lu25SmLl25Sm\
    Ll6Lu25SmLl25SmLl6Lu25SmLl25SmLl6LuLl--2Nd50So512Mn55So4Mn50So8MnSo14MnSo2Po5--15Mn5--Mn15--1104Ll10Lo\
    Ll20--6Ll6--213Mn7--Mn17--2Mn7--Mn2--Mn5--5Lm62--33Mn--112Lo45--3Mn7Lm7--2Nd10--4LoSo--320Lo30Mn--17Lo44\
    Mn4Nd10--5Sc--464Lo27LmMn4Nd10--214Lo30Mn2LoNd10--4Po--480Lo7--Lo4--Lo2--Lo15--Lo197--2No9Mn7--41Lu34\
    Ll34Mn7Lm--4Nd10--4Po2--785No59SoNo3ScNo4--76No45SoNo15--194Lo4--Lo27--Lo2--Lo--2Lo--Lo10--Lo4--Lo--Lo\
    --6Lo--4Lo--Lo--Lo--Lo3--Lo2--Lo--2Lo--Lo--Lo--Lo--Lo--Lo2--Lo--2Lo4--Lo7--Lo4--Lo4--Lo--Lo10--Lo17--5\
    Lo3--Lo5--Lo17--52Sm2--270So44--4So100--12So15--2So15--So15--So37--10No13So161--56So29--13So44--4So9--7\
    So2--14So6--154So251Sk5So728--4So17--3So13--3So119--4So95--6So12--4So--15So12--4So56--8So10--6So40--8\
    So30--2So12--4So2--62So340--12So14--2So13--3So10--5So56--7So15--2So11--6So9--7So147--So92Nd10--1030\
    Lo42720--32Lo4154--6Lo222--2Lo5762--14Lo7473--15Lo622--2466Lo542--1506Lo4939--5Lo4192--711761Cf--30Cf96\
    --128Mn240--65040Co65534--2Co65534
    """

  /// Scripts of Unicode 16, as `scriptCodes` has them.
  static let scripts = """
    --65Lt26--6Lt26--47Lt--15Lt--5Lt23--Lt31--Lt449--39Lt5--139Gr4--Gr3--2Gr4--Gr--4Gr--Gr--Gr3--Gr--Gr20--\
    Gr63--14Gr16Cy133--2Cy169--Am38--2Am50--2Am3--He55--8He27--4He6--11Ar5--Ar6--Ar14--Ar3--Ar32--Ar10--11\
    Ar26--Ar108--Ar34--80Ar48--240Ar31--Ar2--5Ar75--Ar29De81--4De15--2De26Be4--Be8--2Be2--2Be22--Be7--Be--3\
    Be4--2Be9--2Be2--2Be4--8Be--4Be2--Be5--2Be25--2Gm3--Gm6--4Gm2--2Gm22--Gm7--Gm2--Gm2--Gm2--2Gm--Gm5--4Gm2\
    --2Gm3--3Gm--7Gm4--Gm--7Gm17--10Gu3--Gu9--Gu3--Gu22--Gu7--Gu2--Gu5--2Gu10--Gu3--Gu3--2Gu--15Gu4--2Gu12\
    --7Gu7--Or3--Or8--2Or2--2Or22--Or7--Or2--Or5--2Or9--2Or2--2Or3--7Or3--4Or2--Or5--2Or18--10Ta2--Ta6--3Ta3\
    --Ta4--3Ta2--Ta--Ta2--3Ta2--3Ta3--3Ta12--4Ta5--3Ta3--Ta4--2Ta--6Ta--14Ta21--5Te13--Te3--Te23--Te16--2Te9\
    --Te3--Te4--7Te2--Te3--2Te--2Te4--2Te10--7Te9Kn13--Kn3--Kn23--Kn10--Kn5--2Kn9--Kn3--Kn4--7Kn2--6Kn2--Kn4\
    --2Kn10--Kn3--12Ml13--Ml3--Ml51--Ml3--Ml6--4Ml16--2Ml26--Si3--Si18--3Si24--Si9--Si--2Si7--3Si--4Si6--Si\
    --Si8--6Si10--2Si3--12Th58--5Th28--37La2--La--La5--La24--La--La23--2La5--La--La7--La10--2La4--32Ti72--\
    Ti36--4Ti39--Ti36--Ti15--Ti7--4Ti2--37My160Ge38--Ge--5Ge--2Ge43--Ge4Hn256Et73--Et4--2Et7--Et--Et4--2Et41\
    --Et4--2Et33--Et4--2Et7--Et--Et4--2Et15--Et57--Et4--2Et67--2Et32--3Et26--998Kh94--2Kh10--6Kh10--6Mo2--2\
    Mo--Mo20--6Mo89--7Mo43--309Kh32--640Cy11--5Ge43--2Ge3--64Lt38Gr5CyLt49Gr5Lt4Gr5Lt13CyLt70Gr--64Lt256Gr22\
    --2Gr6--2Gr38--2Gr6--2Gr8--Gr--Gr--Gr--Gr31--2Gr53--Gr15--Gr14--2Gr6--Gr19--2Gr3--Gr9--114Lt--13Lt--16\
    Lt13--137Gr--3Lt2--6Lt--27Lt--17Lt41--2775Lt32--128Ge38--Ge--5Ge--82Et23--9Et7--Et7--Et7--Et7--Et7--Et7\
    --Et7--Et7--Cy32--128Ha26--Ha89--12Ha214--47Ha--Ha--25Ha9--4Hn2--8Ha4--5Hi86--6Hi3--Ka90--2Ka3--49Hn94\
    --97Ka16Hn31--65Hn31--81Ka47--Ka88--168Ha6592--64Ha20992--1600Cy96--130Lt102--3Lt67--2Lt2--Lt--Lt8--21\
    Lt14--224De32--96Hn29--99My31--97My32--129Et6--2Et6--2Et6--9Et7--Et7--Lt43--Lt9GrLt4--150Hn11172--12Hn23\
    --4Hn49--8452Ha366--2Ha106--38Lt7--12Am5--5He26--He5--He--He2--He2--He10Ar115--16Ar363--2Ar80--2Ar54--7\
    Ar--32Ar16--46Cy2--64Ar5--Ar135--36Lt26--6Lt26--11Ka10--Ka45--2Hn31--3Hn6--2Hn6--2Hn6--2Hn3--355Gr79--17\
    Gr--1503Lt6--Lt42--Lt9--1701Ar31--67Ar3--55Ar4--737Si20--1131Mo13--99My20--1052De10--1206Ta50--13Ta\
    --20450Ha2--12Ha2--16382Ka4--Ka7--Ka2--KaHi287Ka3--15Hi--29Hi3--2Ka--14Ka4--8344Gr70--3258Lt31--6Lt6\
    --261Cy62--33Cy--1872Et7--Et4--Et2--Et15--1537Ar4--Ar27--Ar2--Ar--2Ar--Ar10--Ar4--Ar--Ar--6Ar--4Ar--Ar--\
    Ar--Ar3--Ar2--Ar--2Ar--Ar--Ar--Ar--Ar--Ar2--Ar--2Ar4--Ar7--Ar4--Ar4--Ar--Ar10--Ar17--5Ar3--Ar5--Ar17--52\
    Ar2--782Hi--3583Ha42720--32Ha4154--6Ha222--2Ha5762--14Ha7473--15Ha622--2466Ha542--1506Ha4939--5Ha4192
    """

  /// Scripts as the pre-tokeniser UnicodeScripts sees them; it never cuts at those without.
  static let scriptKinds = """
    aa32--aa32ab26aa6ab26aa47abaa15abaa5ab23aaab31aaab449aa39ab5aa5ac2aa20ad112ae4aaae3--2ae4aaae--4aeaaaeaa\
    ae3--ae--ae20--ae63af14ae16ag133ad2ag169--ah38--2ah7--ah39--aaah--2ah3--ai55--8ai27--5ai5--11aj5aaaj6aa\
    aj14aa2--ajaaaj32aaaj10ad11aj26adaj108aaaj34ak14--ak60--2ak3aj48al50--14am59--5an46--2an15--ao28--2ao\
    --65aj21--aj8--22aj14aaaj29ap81ad2ap17aa2ap26aq4--aq8--2aq2--2aq22--aq7--aq--3aq4--2aq9--2aq2--2aq4--8aq\
    --4aq2--aq5--2aq22--5ar3--ar6--4ar2--2ar22--ar7--ar2--ar2--ar2--2ar--ar5--4ar2--2ar3--3ar--7ar4--ar--7\
    ar16--11as3--as9--as3--as22--as7--as2--as5--2as10--as3--as3--2as--15as4--2as12--7as--7at3--at8--2at2--2\
    at22--at7--at2--at5--2at9--2at2--2at3--8at2--4at2--at5--2at18--10au2--au6--3au3--au4--3au2--au--au2--3\
    au2--3au3--3au12--4au5--3au3--au4--2au--6au--14au21--5av4--av8--av3--av23--av16--3av8--av3--av4--7av2--\
    av3--5av4--2av10--8av8aw4--aw8--aw3--aw23--aw10--aw5--2aw9--aw3--aw4--7aw2--7aw--aw4--2aw10--aw2--14ax3\
    --ax8--ax3--ax41--2ax8--ax3--ax6--4ax16--2ax26--2ay2--ay18--3ay24--ay9--ay--2ay7--3ay--4ay6--ay--ay8--6\
    ay10--2ay3--12az58--4aaaz28--37ba2--ba--2ba2--ba--2ba--6ba4--ba7--ba3--ba--ba--2ba2--ba13--ba3--2ba5--ba\
    --ba6--2ba10--2ba4--32bb72--bb36--4bb39--bb36--bb15--bb7aa4bb2--37bc160bd38--bd--5bd--2bd43aabd4be256\
    bf73--bf4--2bf7--bf--bf4--2bf41--bf4--2bf33--bf4--2bf7--bf--bf4--2bf15--bf57--bf4--2bf67--2bf32--3bf26\
    --6bg86--2bg6--2bh640bi29--3bj75aa3bj11--7bk13--bk7--11bl21aa2--9bm20--12bn13--bn3--bn2--12bo94--2bo10\
    --6bo10--6bp2aa2bpaabp9--bp10--6bp88--8bp43--5bh70--10bq31--bq12--4bq12--4bq--3bq12br30--2br5--11bs44--4\
    bs26--6bs11--3bs2bo32bt28--2bt2bu63--bu29--2bu11--6bu10--6bu14--2ad15--65bv76--4bv45--3bw64bx52--8bx4\
    by56--3by15--3by3bz48ag9--55bw8--8ad3aaad13aaad7aa4adaa6adaa2--ad2--6ab38ae5agab49ae5ab4ae5ab13agab70ae\
    ad54--5ad5ab256ae22--2ae6--2ae38--2ae6--2ae8--ae--ae--ae--ae31--2ae53--ae15--ae14--2ae6--ae19--2ae3--ae9\
    --aa12ad2aa87--aa11ab--2aa11abaa15--ab13--3aa31--17ad33--15aa38aeaa3ab2aa6abaa27abaa17ab41aa3--4aa623--\
    aa39--25aa11--21aa928ca256aa628--2aa32--2aa34--3aa12--aa8--26aa4--16cb47--cb47--ab32af116--5af7bd38--bd\
    --5bd--2cc56--7cc2--14ccbf23--9bf7--bf7--bf7--bf7--bf7--bf7--bf7--bf7--ag32aa69--59cd26--cd89--12cd214\
    --26aa12--4aa5cdaacdaa25cd9ad4be2aa8cd4aa4--cd86--2ad2aa2cd3aacd90aacd4--5ac41--3be94--aa16ac27--5aa36\
    --12cd16be31--aa64be31aa81cd47--cd88aa168cd6582--10aa64cd20950--42ce1165--3ce55--9cf48cg300--20ag96ch88\
    --8aa34ab102aa3ab36--ab8--63ab9ci44--4aa10--6cj56--8ck70--8ck12--6ap30--2cl46aaclcm36--11cmbe29--3cn78--\
    aacn10--4cn2bc31--co55--9co14--2co10--2co4bc32cp67--24cp5cq23--10bf6--2bf6--2bf6--9bf7--bf7--ab43aaab9ae\
    --10bg80cq46--2cq10--6be11172--12be23--4be49--8452cd366--2cd106--38ab7--12ah5--5ai26--ai5--ai--ai2--ai2\
    --ai10aj114--17aj363aa2--16aj64--2aj54--40aj14--2ad16aa10--6ad14ag2aa35--aa19--aa4--4aj5--aj135--2aa--\
    aa32ab26aa6ab26aa11cd10aacd45aa2be31--3be6--2be6--2be6--2be3--3aa7--aa7--10aa5--2cr12--cr26--cr19--cr2--\
    cr15--2cr14--34cr123--5aa3--4aa45--3aa9ae79--aa12--4ae--47aa45ad--130cs29--3ct49--15adaa27--4cu36--12\
    cv27--5cw43--5cx30--cxcy36--4cy14--42cz80da48db30--2db10--6dc36--4dc36--4dd40--8de52--11de--144df311--9\
    df22--10df8--152dg6--2dg--dg44--dg2--3dg--2dgdh22--dh9di32dj31--8dj9--48dk19--dk2--5dk5dl28--3dldm26--5\
    dm--64dn32do24--4do20--2do46dp4--dp2--5dp8--dp3--dp27--4dp3--4dp9--8dp9--7dq32dr32--32ds39--4ds12--9dt54\
    --3dt7du22--2du8dv19--5dv8dw18--7dw4--12dw7--80dx73--55dy51--13dy51--7dy6--352aj31--385dz78--4dz30--15dz\
    ea66--14eb25--7eb10--6ec53--ec14--12ed39--9ee78--2ee16--ay20--11ef18--ef44--65eg7--eg--eg4--eg15--eg11\
    --6eh59--5eh10--6ei4--ei8--2ei2--2ei22--ei7--ei2--ei5--2ei9--2ei2--2ei3--2ei--6ei--5ei7--2ei7--3ei5--139\
    ej90--ej--ej--34ek72--8ek10--166el54--2el38--34em69--11em10--6bp13--19en56--8en10--54eo26--3eo15--4eo16\
    --352ep83--12ep--448eq57--263er9--er45--er14--10er29--3es32--2es22--es14--841et922--102et111--et5--11\
    et196--2748eu1071--4049ev583--8633ch569--7ew31--ew10--4ew2--96ex30--2ex6--10ey70--10ey10--ey7--ey21--5\
    ey19--880ez69--11ez47--16ez17--64fa--31fa6125--19fa755--9485cd2--3070fb107--5fb13--3fb9--7fb10--2fb4aa4\
    --4956aa246--10aa39--2aa62ad3aa17ad8aa2ad7aa30ad4aa59--23ae70--186aa87--9aa18--142aa85--aa71--aa2--2aa\
    --2aa2--2aa4--aa12--aa--aa7--aa65--aa4--2aa8--aa7--aa28--aa4--aa5--aa--3aa7--aa340--2aa292--2aa50fc652\
    --15fc5--fc15--1360cb7--cb17--2cb7--cb2--cb5--2005fd197--2fd16--41fe75--5fe10--4fe2--1184aj4--aj27--aj2\
    --aj--2aj--aj10--aj4--aj--aj--6aj--4aj--aj--aj--aj3--aj2--aj--2aj--aj--aj--aj--aj--aj2--aj--2aj4--aj7--\
    aj4--aj4--aj--aj10--aj17--5aj3--aj5--aj17--52aj2--270aa44--4aa100--12aa15--2aa15--aa15--aa37--10aa13--3\
    aa31--aa60--4aa61--57aa26cdaa2--13aa44--4aa9--7aa2--174aa979--13aa13--3aa7--9aa116--12aa85--43aa12--4\
    aa56--8aa10--6aa40--8aa30--98aa15--aa8--8aa--2aa12--aa12--4aa15--33aa18--46aa--1599cd42711--41cd4149--11\
    cd222--2cd5762--10590cd542--722403aa--30aa96--128ad240
    """

  /// The scripts that regular expressions may name.
  static let scriptCodes: [String: String] = [
    "arabic": "Ar", "armenian": "Am", "bengali": "Be", "cyrillic": "Cy", "devanagari": "De", "ethiopic": "Et",
    "georgian": "Ge", "greek": "Gr", "gujarati": "Gu", "gurmukhi": "Gm", "han": "Ha", "hangul": "Hn",
    "hebrew": "He", "hiragana": "Hi", "kannada": "Kn", "katakana": "Ka", "khmer": "Kh", "lao": "La",
    "latin": "Lt", "malayalam": "Ml", "mongolian": "Mo", "myanmar": "My", "oriya": "Or", "sinhala": "Si",
    "tamil": "Ta", "telugu": "Te", "thai": "Th", "tibetan": "Ti",
  ]

  /// What `\w` of regular expressions is besides L, M, Nd, Nl and Pc.
  static let moreWords: [UInt32] = [0xB2, 2, 0xB9, 1, 0xBC, 3, 0x24B6, 52, 0x1F130, 26, 0x1F150, 26, 0x1F170, 26]

  /// What is a word to single_word and the pre-tokeniser Whitespace, and not to `\w`.
  static let wordsElsewhere: [UInt32] = [0x200C, 2]

  /// What is no word to these, but to `\w`.
  static let noWordsElsewhere: [UInt32] = [0xB2, 2, 0xB9, 1, 0xBC, 3]

  /// What the pre-tokeniser Digits takes for one, besides N.
  static let moreDigits: [UInt32] = [0x11DE0, 10, 0x16FF4, 3]
}
