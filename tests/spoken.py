"""What is said in several tests: a second of speech takes more than a second to make, and is made once for all who say it."""

CALL = (
    ("jm_kumo", "すみません、来月、宮崎県の都城市に引っ越すので、転出届の出し方を教えてください。郵送でもできますか。"),
    ("jf_alpha", "はい、郵送でもお手続きいただけます。マイナンバーカードをお持ちでしたら、オンラインで届け出ることもできます。"),
)
"""Who asks, and who answers."""

MEETING = (
    ("jm_kumo", "それでは、定刻になりましたので、会議を始めます。本日は三つの議題があります。"),
    ("jf_alpha", "はい、市民課からご報告します。窓口の待ち時間は、先月より五分短くなりました。"),
    ("jm_kumo", "ありがとうございます。ほかの課からも、ご意見があればお願いします。"),
    ("jf_alpha", "申請書の書き方の案内を、もう少し大きな字にしたいと考えています。"),
    ("jm_kumo", "字の大きさは、見本を作って、次の会議で確かめることにしましょう。"),
    ("jf_alpha", "承知しました。年配の方にも読んでいただいて、使いやすさを聞いておきます。"),
    ("jm_kumo", "次に、来年度の予算についてです。資料の二枚目をご覧ください。"),
    ("jf_alpha", "窓口の案内板を新しくする費用を、三十万円ほど見込んでいます。"),
)
"""Who takes the chair, and who reports. All of it together is long enough to tell voices apart: in half a minute two lines of one
voice may seem to be two people's, as how the voice speaks differs with the processor."""
