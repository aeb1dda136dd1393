//! By which operators an index ranks.
//!
//! ```text
//!   ORDER BY place <-> $1 LIMIT 10         function "<->", ascending
//! ```

use super::Question;
use remanent_storage::error::Result;
use remanent_storage::index::{IndexDef, NearVector, Probe, kind};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Value, bits, halfvec};

/// An operator or a function by whose value a kind of index ranks.
#[derive(Debug)]
pub struct Ranking {
    /// The kind of index, by its own name.
    pub kind: &'static str,
    /// The operator class of the column.
    pub class: &'static str,
    /// The function or operator that is ordered by: of the column and constants, wherever the column stands.
    pub function: &'static str,
    /// How many constants.
    pub others: usize,
    /// An index ranks by sums of it, too: `2 * f(a, $1) + f(b, $2)`, of columns of one index and weights not below zero.
    pub adds: bool,
    /// What an index says of the rows that it ranks first, with its sign turned, is the function's value to the last bit.
    pub exact: bool,
    /// The greatest values come first. Then it is NULL for no row, or for all.
    pub descending: bool,
    /// What the index is asked for so many rows, at such a recall; None: nothing, with this constant.
    pub probe: fn(&Question<'_>, usize, f64) -> Result<Option<Probe>>,
}

/// Every operator that indexes rank by.
pub static RANKINGS: &[Ranking] = &[
    near("vector_l2_ops", "<->"),
    near("vector_l2_ops", "l2_distance"),
    near("vector_ip_ops", "<#>"),
    near("vector_cosine_ops", "<=>"),
    near("vector_cosine_ops", "cosine_distance"),
    near("vector_l1_ops", "<+>"),
    near("vector_l1_ops", "l1_distance"),
    near("halfvec_l2_ops", "<->"),
    near("halfvec_l2_ops", "l2_distance"),
    near("halfvec_ip_ops", "<#>"),
    near("halfvec_cosine_ops", "<=>"),
    near("halfvec_cosine_ops", "cosine_distance"),
    near("halfvec_l1_ops", "<+>"),
    near("halfvec_l1_ops", "l1_distance"),
    near("bit_hamming_ops", "<~>"),
    near("bit_hamming_ops", "hamming_distance"),
    near("bit_jaccard_ops", "<%>"),
    near("bit_jaccard_ops", "jaccard_distance"),
    #[cfg(feature = "text")]
    Ranking {
        kind: "bm25",
        class: "bm25_ops",
        function: "bm25_score",
        others: 2,
        adds: true,
        exact: true,
        descending: true,
        probe: best,
    },
    #[cfg(feature = "shapes")]
    place("gist_geometry_ops_2d", "<->", super::places::nearest),
    #[cfg(feature = "shapes")]
    place("gist_geometry_ops_2d", "st_distance", super::places::nearest),
    #[cfg(feature = "shapes")]
    place("gist_geometry_ops_2d", "<#>", super::places::nearest),
    #[cfg(feature = "shapes")]
    place("gist_geometry_ops_2d", "<<->>", super::places::nearest_in_space),
    #[cfg(feature = "shapes")]
    place("gist_geometry_ops_2d", "st_3ddistance", super::places::nearest_in_space),
    #[cfg(feature = "shapes")]
    place("gist_geometry_ops_nd", "<->", super::places::nearest),
    #[cfg(feature = "shapes")]
    place("gist_geometry_ops_nd", "<<->>", super::places::nearest_in_space),
    #[cfg(feature = "shapes")]
    place("gist_geography_ops", "<->", super::places::nearest_on_globe),
    #[cfg(feature = "shapes")]
    place("gist_geography_ops", "st_distance", super::places::nearest_on_globe),
];

#[cfg(feature = "shapes")]
const fn place(
    class: &'static str,
    function: &'static str,
    probe: fn(&Question<'_>, usize, f64) -> Result<Option<Probe>>,
) -> Ranking {
    Ranking { kind: "gist", class, function, others: 1, adds: false, exact: false, descending: false, probe }
}

const fn near(class: &'static str, function: &'static str) -> Ranking {
    let (adds, exact, descending) = (false, false, false);
    Ranking { kind: "vector", class, function, others: 1, adds, exact, descending, probe: near_vector }
}

fn near_vector(question: &Question<'_>, count: usize, recall: f64) -> Result<Option<Probe>> {
    let to = match question.args {
        [Value::Vector(to)] => to.clone(),
        [Value::Other(Kind::HalfVec, bytes)] => halfvec::floats(bytes),
        [Value::Other(Kind::Bit, bytes)] => bits::iter(bytes).map(|bit| f32::from(u8::from(bit))).collect(),
        _ => return Ok(None),
    };
    Ok((recall < 1.0).then_some(Probe::NearVector(NearVector { to, count, recall })))
}

#[cfg(feature = "text")]
fn best(question: &Question<'_>, count: usize, _recall: f64) -> Result<Option<Probe>> {
    use remanent_storage::index::BestWords;
    let [Value::Other(Kind::TsQuery, query), corpus] = question.args else { return Ok(None) };
    let numbers = crate::sql::functions::text_search::bm25::numbers(corpus);
    let field = numbers.and_then(|numbers| super::best_words(question.column, 1.0, query, numbers));
    Ok(field.map(|field| Probe::BestWords(BestWords { fields: vec![field], count })))
}

/// By which rankings a column of an index answers a function.
pub fn rankings<'a>(
    index: &'a IndexDef,
    column: usize,
    function: &'a str,
) -> impl Iterator<Item = &'static Ranking> + 'a {
    let name = kind(&index.kind).map_or("", |kind| kind.method().names[0]);
    let class = index.class(column);
    RANKINGS
        .iter()
        .filter(move |ranking| ranking.kind == name && ranking.class == class && ranking.function == function)
}
