"""Dense edits: what a rewrite may say otherwise, and what it must not lose, add or exchange."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge

FAITHFUL = [
    # a denial in other words, in the sentence behind, or in the label over its items
    ("Which port is free?",
     "Take the key from the drawer, not from the shelf by the door.",
     "The key should be taken from the drawer rather than from the shelf by the door."),
    ("List the boats.",
     "| Boat | Use | Covered |\n|---|---|---|\n| Kite | crosses the bay | no |\n"
     "| Heron | circles the island | yes |",
     "- **Kite** crosses the bay. It is not covered.\n"
     "- **Heron** circles the island. It is covered."),
    ("How do I treat the hedge?",
     "Water it in the evening. Don't cut it in spring, don't feed it salt, and don't tie it up.",
     "**Do:**\n- Water it in the evening.\n\n**Do not:**\n- cut it in spring\n- feed it salt\n"
     "- tie it up"),
    ("¿Dónde se dejan los muebles?",
     "Los muebles no se dejan en ninguna acera: se recogen en casa los lunes por la tarde.",
     "| Objeto | Lugar |\n|---|---|\n| Muebles | Ninguna acera: se recogen en casa los lunes por la"
     " tarde |"),
    # a place that the number of the item tells
    ("How is the wall built?",
     "Digging comes first, as the frost must not reach the stones below. The second layer is gravel"
     ", because water has to drain away. The third layer is mortar, which binds the stones.",
     "1. **Digging**, as the frost must not reach the stones below.\n"
     "2. **Gravel**, because water has to drain away.\n3. **Mortar**, which binds the stones."),
    ("Wie wird die Mauer gebaut?",
     "Die erste Schicht ist Kies, weil das Wasser abfließen muss. Die zweite Schicht ist Mörtel,"
     " der die Steine bindet.",
     "1. **Kies**, weil das Wasser abfließen muss.\n2. **Mörtel**, der die Steine bindet."),
    # numbers that are said once more, worked out, or set in a cell of their own
    ("I buy 6 pots at $5 each and pay with $50. What do I get back?",
     "Six pots cost 6 times 5 dollars, which is 30 dollars. You get 50 minus 30, that is 20"
     " dollars, back.",
     "- **Pots:** 6 × $5 = $30\n- **Change:** $50 − $30 = $20\n\nYou get **$20** back."),
    ("Un carré a un périmètre de 28 cm. Quelle est son aire ?",
     "Le côté vaut 7 cm. L'aire est 7 × 7 = 49 cm².",
     "**Côté :** 28 ÷ 4 = 7 cm\n\n**Aire :** 7 × 7 = 49 cm²"),
    ("How many guests take each meal of the 300?",
     "Fish: 0.4*300 = 120. Rice: 0.6*300 = 180.",
     "| Meal | Calculation | Guests |\n|---|---|---|\n| Fish | 0.4 × 300 | 120 |\n"
     "| Rice | 0.6 × 300 | 180 |"),
    ("How fast is the tram?",
     "The speed is distance divided by time: v = s / t = 90 km / 1.5 h = 60 km per hour.",
     "The speed is distance divided by time:\n\n"
     "$$v = \\frac{s}{t} = \\frac{90\\ \\text{km}}{1.5\\ \\text{h}} = 60\\ \\text{km/h}$$"),
    ("Check x = 4.",
     "Check: 4^2 - 6*4 + 8 = 16 - 24 + 8 = 0, so it is a root.",
     "Check:\n\n4² − 6·4 + 8 = 16 − 24 + 8 = 0, so it is a root."),
    ("比较两种锅炉。",
     "小锅炉的功率是5千瓦,烧热要两个小时。大锅炉的功率是20千瓦,烧热要三十分钟。",
     "| 锅炉 | 功率 | 烧热 |\n|---|---|---|\n| 小锅炉 | 5 kW | 2小时 |\n"
     "| 大锅炉 | 20 kW | 30分钟 |"),
    ("खीर कैसे बनाएँ?",
     "दूध को पाँच मिनट उबालिए। फिर तीन चम्मच चीनी डालिए।",
     "1. दूध को 5 मिनट उबालिए।\n2. फिर 3 चम्मच चीनी डालिए।"),
    # other words, other spellings
    ("How do I set the clock?",
     "Choose your town in the list. The hands often move slowly. Press the red knob.",
     "1. Select your town in the list.\n2. The hands frequently move slowly.\n"
     "3. Press the red knob."),
    ("¿Qué es un lince?",
     "El lince es un felino. Tambien vive en montes bajos.",
     "El lince es un felino. También vive en montes bajos."),
    ("Che cos'è il faro?",
     "Il faro è una tore alta. La sua luce si vede da molto lontano e guida le bate verso il"
     " porto.",
     "Il faro è una torre alta. La sua luce si vede da molto lontano e guida le batte verso il"
     " porto."),
    ("Resume la vida de la pintora.",
     "En 1902 reunió sus cuadros en una casa de Toledo. Pintó desde 1931 cerca del mar.",
     "- **1902:** reúne sus cuadros en una casa de Toledo.\n"
     "- **Desde 1931:** pinta cerca del mar."),
    ("Πώς φτιάχνω ψωμί;",
     "Ανακατεύεις το αλεύρι με νερό και το αφήνεις 20 λεπτά.",
     "1. Ανακατεύεις το αλεύρι με νερό.\n2. Το αφήνεις 20 λεπτά."),
    ("Who may row?",
     "Rowers must be at least 16 years old. Children aged 8 to 12 need a vest.",
     "- **Rowers:** aged 16 or over\n- **Children:** 8 to 12 years old, with a vest"),
    ("What is the workout?",
     "Do 4 sets of 12 lunges and 3 sets of 20 sit-ups.",
     "- Lunges: 4 × 12\n- Sit-ups: 3 × 20"),
    ("Plan two days on the island.",
     "On the first day, walk to the lighthouse and swim in the bay. On the second day, take the"
     " boat to the caves.",
     "### Day 1\n- Walk to the lighthouse.\n- Swim in the bay.\n\n### Day 2\n"
     "- Take the boat to the caves."),
    ("How warm may it be?",
     "The water must not exceed 28 degrees in the tank.",
     "The water must be at most 28 degrees in the tank."),
    ("How do I list them?",
     "ls -la /srv/boats. Run it again after each race to see the new files.",
     "Run:\n\n```bash\nls -la /srv/boats\n```\n\n"
     "Run it again after each race to see the new files."),
    ("How long does the search take?",
     "The search halves the list each time. Its running time is O(log n).",
     "The search halves the list each time.\n\n**Running time:** $O(\\log n)$"),
]  # fmt: skip

DAMAGED = [
    ("Bolehkah saya masuk?",
     "Pengunjung tidak boleh masuk ke ruang mesin pada malam hari.",
     "- **Ruang mesin:** pengunjung boleh masuk pada malam hari."),
    ("能不能喝茶?",
     "这种药饭后服用,所以一般不需要加糖。",
     "**要不要加糖?**\n这种药饭后服用,所以一般需要加糖。"),
    ("창문이 열리나요?",
     "바람이 세면 창문이 열릴 수 있고 소리가 납니다.",
     "**창문**\n1. 바람이 세면 창문이 반드시 열립니다.\n2. 소리가 납니다."),
    ("¿Cuánto reposa la masa?",
     "Deja reposar la masa al menos 3 horas en un lugar fresco.",
     "**Reposo.** La masa reposa 3 horas como máximo en un lugar fresco."),
    ("Какой нужен рюкзак?",
     "Рюкзак вмещает не менее 40 литров, лямки широкие.",
     "- **Объём:** не более 40 литров\n- **Лямки:** широкие"),
    ("How do I make the glaze?",
     "Stir the sugar with the juice of one lemon and half a teaspoon of vanilla. Let it dry.",
     "**You need**\n- The juice of one lemon\n- 1½ teaspoons vanilla\n\n**Steps**\n"
     "1. Stir the sugar with the juice and the vanilla.\n2. Let it dry."),
    ("Cosa serve?",
     "Il modulo si consegna allo sportello. Entro tre giorni arriva la ricevuta; nei 60 giorni"
     " seguenti si può fare ricorso.",
     "- Il modulo si consegna allo sportello.\n- La ricevuta arriva entro 60 giorni; nei 60 giorni"
     " seguenti si può fare ricorso."),
    ("How long is the side?",
     "By Pythagoras, c^2 = a^2 + b^2 = 3^2 + 4^2 = 9 + 16 = 25, so c = 5.",
     "By Pythagoras:\n\nc^2 = a^2 + b^2 = 3^2 + 4^3 = 9 + 16 = 25\n\nSo c = 5."),
    # a clause that is gone from a text that was carried over
    ("When is the ferry free?",
     "The ferry is free on Sundays. Bicycles travel free, provided the gate stays unlocked.",
     "- **Sundays:** The ferry is free.\n- **Bicycles:** They travel free."),
    ("Wann wird das Pfand bezahlt?",
     "Flaschen werden am Schalter angenommen. Das Pfand wird ausgezahlt, sofern der Deckel"
     " unbeschädigt bleibt.",
     "- **Annahme:** Flaschen werden am Schalter angenommen.\n- **Pfand:** Es wird ausgezahlt."),
    # a sentence that comes from nowhere, in a line or a list of the original's
    ("How do I oil the gate?",
     "Brush the hinge clean. Put a drop of oil on the pin. Swing the gate a few times.",
     "1. Brush the hinge clean.\n2. Put a drop of oil on the pin. Graphite powder lasts longer.\n"
     "3. Swing the gate a few times."),
    ("Résume en deux lignes. N'ajoute aucun prix.",
     "Le musée ouvre à dix heures. La salle des cartes se visite avec un guide.",
     "- **Horaire :** le musée ouvre à dix heures. N'ajoute aucun prix.\n"
     "- **Visite :** la salle des cartes se visite avec un guide."),
    # steps and points out of their places
    ("How do I glue the frame?",
     "Sand the joints until they are smooth. Brush glue on the joints with a flat brush. Press it"
     " in the vice for an hour.",
     "1. Brush glue on the joints with a flat brush.\n2. Sand them until they are smooth.\n"
     "3. Press it in the vice for one hour."),
    ("Parle-moi du vélo.",
     "Le vélo a plusieurs avantages. Il coûte peu, il se gare partout, et il garde le corps en"
     " forme. Il a pourtant des inconvénients : on arrive mouillé, et les côtes fatiguent.",
     "Le vélo a plusieurs avantages :\n\n- Il coûte peu.\n- Il se gare partout.\n\n"
     "Il a pourtant des inconvénients :\n\n- Il garde le corps en forme.\n- On arrive mouillé.\n"
     "- Les côtes fatiguent."),
    ("When does the mill open?",
     "In spring the mill opens at 8 and in autumn at 10.",
     "- Spring: opens at 10\n- Autumn: opens at 8"),
    ("Who may row?",
     "Anyone who is 18 years old or older may row the boat.",
     "Anyone aged 18 or younger may row the boat."),
    ("Which wood is harder?",
     "Oak is harder than birch, and birch is harder than fir.",
     "- Birch is harder than oak.\n- Birch is harder than fir."),
    ("Why did it flood?",
     "Because the dam broke, the meadow was flooded.",
     "Because the meadow was flooded, the dam broke."),
    ("How do I change the saw?",
     "Unplug the saw and then change the blade.",
     "Change the blade and then unplug the saw."),
    ("Who may enter?", "Only guides may enter the cave.", "Guides may only enter the cave."),
    ("比较两个湖。",
     "东湖水深五米,湖边种着柳树。西湖水浅,冬天常常结冰。",
     "- **东湖**:水深五米,湖边种着柳树,渔民每晚划船撒网捕虾。\n- **西湖**:水浅,冬天常常结冰。"),
    ("Πότε φεύγουν τα τρένα;",
     "Το τρένο για τη Δράμα φεύγει στις 08:10. Το τρένο για τον Βόλο φεύγει στις 11:40.",
     "| Πόλη | Αναχώρηση |\n|---|---|\n| Δράμα | 11:40 |\n| Βόλος | 08:10 |"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "original", "rewritten"), FAITHFUL)
def test_what_says_the_same_passes(request_: str, original: str, rewritten: str) -> None:
    assert first_failure(judge(Case(request_, original, rewritten))) is None


@pytest.mark.parametrize(("request_", "original", "rewritten"), DAMAGED)
def test_what_says_something_else_fails(request_: str, original: str, rewritten: str) -> None:
    assert first_failure(judge(Case(request_, original, original))) is None
    assert first_failure(judge(Case(request_, original, rewritten))) is not None
